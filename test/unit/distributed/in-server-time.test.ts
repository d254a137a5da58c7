import { inServerTime, typingInServerTime } from '../../../src/distributed/mongo/in-server-time.ts';
import { createTypingInMemory } from '../../../src/embedded/typing.ts';
import { TYPING_SHOWN_MS } from '../../../src/protocol.ts';
import { newUserId } from '../../support/chats.ts';

const HOUR = 3_600_000;

describe.each([
  ['behind', HOUR],
  ['ahead', -HOUR],
])('a process whose clock is an hour %s', (_where, ahead) => {
  const clock = { ahead: () => ahead };
  const now = 1_000_000_000;

  it('shows the others when somebody types, and hears it of them', async () => {
    const stored = createTypingInMemory();
    const here = typingInServerTime(stored, clock);
    const [one, other] = [newUserId(), newUserId()];
    await here.begin(one, now);
    await stored.begin(other, now + ahead);

    expect(await stored.until(one, now + ahead)).toBe(now + ahead + TYPING_SHOWN_MS);
    expect(await here.until(other, now)).toBe(now + TYPING_SHOWN_MS);
    expect(await here.until(other, now + TYPING_SHOWN_MS)).toBeNull();
    await here.end(one);
    expect(await stored.until(one, now + ahead)).toBeNull();
  });

  it('notes and reads when a worker lived, and when a run was over', async () => {
    const run = { at: now, expired: 1, removed: 2, milliseconds: 3 };
    const stored = { workerSeenAt: 0, lastRun: { ...run, at: 0 } };
    const log = inServerTime(
      {
        noteWorker: (at: number) => {
          stored.workerSeenAt = at;
        },
        note: (ended: typeof run) => {
          stored.lastRun = ended;
        },
        read: () => Promise.resolve(stored),
      },
      clock,
    );
    log.noteWorker(now);
    log.note(run);

    expect(stored).toEqual({ workerSeenAt: now + ahead, lastRun: { ...run, at: now + ahead } });
    expect(await log.read()).toEqual({ workerSeenAt: now, lastRun: run });
  });
});
