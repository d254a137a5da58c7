import { Availability } from '../../src/distributed/mongo/availability.ts';
import { captureLog } from '../support/captured-log.ts';

describe('a storage that goes away', () => {
  let now = 5000;
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const start = () => {
    const log = captureLog();
    const messages = () => log.lines().map((line) => (JSON.parse(line) as { msg: string }).msg);
    return { availability: new Availability(log.logger), messages };
  };

  it('is said once, and once that it is back, however many steps fail', () => {
    const { availability, messages } = start();
    availability.answered();
    for (let index = 0; index < 3; index++) availability.failed(new Error('away'));
    expect(messages()).toEqual(['storage is away']);

    // A step that was lucky meanwhile.
    availability.answered();
    expect(messages()).toEqual(['storage is away']);

    now += 2000;
    for (let index = 0; index < 3; index++) availability.answered();
    expect(messages()).toEqual(['storage is away', 'storage is back']);
  });

  it('is left to whoever prepares it before it has ever answered', () => {
    const { availability, messages } = start();
    availability.failed(new Error('wrong password'));
    availability.answered();

    expect(messages()).toEqual([]);
  });
});
