import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openChatStore } from '../../../src/embedded/embedded-chat-store.ts';
import { compareWithModel } from './compare.ts';

/** Sequences of about twenty requests each; MODEL_RUNS tries more, MODEL_SEED others. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 40);

jest.setTimeout(120_000 + RUNS * 500);

describe('random sequences of what people can do to a chat', () => {
  let dataDir = '';
  beforeAll(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-model-'));
  });
  afterAll(() => {
    rmSync(dataDir, { recursive: true });
  });

  it('are answered as the model answers them, over a database file and its restarts', async () => {
    const openStore = () => openChatStore({ dataDir });
    await expect(compareWithModel({ openStore }, RUNS)).resolves.toBeUndefined();
  });
});
