import { mongoScratch, type MongoScratch } from '../../support/real-servers.ts';
import { distributed } from '../../support/processes.ts';
import { compareWithModel } from './compare.ts';

/** Sequences of about twenty requests each; MODEL_RUNS tries more, MODEL_SEED others. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 25);

jest.setTimeout(120_000 + RUNS * 1000);

describe('random sequences of what people can do to a chat, over MongoDB and Redis', () => {
  let scratch: MongoScratch;
  beforeAll(() => {
    scratch = mongoScratch();
  });
  afterAll(() => scratch.dispose());

  it('are answered as the model answers them', async () => {
    const environment = distributed(scratch.name, process.env['REDIS_URL'] ?? '');
    await expect(compareWithModel({ environment }, RUNS)).resolves.toBeUndefined();
  });
});
