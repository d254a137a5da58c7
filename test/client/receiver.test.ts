import type { Inbox } from '../../src/client/api/answers.ts';
import { noAnswer } from '../../src/client/api/no-answer.ts';
import { createBackoff } from '../../src/client/connection/backoff.ts';
import { createReceiver, type Receiver } from '../../src/client/connection/receiver.ts';
import { sleep } from '../../src/client/connection/sleep.ts';
import { Failure, failures } from '../../src/chat/failures.ts';
import { PageClock, settle } from '../unit/browser/support.ts';

const message = (id: string) => ({ _id: id, msg: id, system: false });
const inbox = (ids: string[], status: Inbox['status'] = 'ready'): Inbox => ({
  status,
  messages: ids.map(message),
});

type Step =
  Inbox | Failure | 'held' | { failure: Failure; after: number } | { answer: Inbox; after: number };

interface Rig {
  receiver: Receiver;
  clock: PageClock;
  log: string[];
}

/** Plays a script of answers; after its end polls are held. `log` is what happened, in order. */
function rig(steps: Step[], acknowledgements: (Failure | 'ok')[] = []): Rig {
  const clock = new PageClock();
  const log: string[] = [];
  const receive = (hold: boolean, signal: AbortSignal): Promise<Inbox> => {
    log.push(hold ? 'poll' : 'check');
    const step = steps.shift() ?? 'held';
    if (step instanceof Failure) return Promise.reject(step);
    if (typeof step === 'object' && 'failure' in step) {
      return sleep(clock, step.after).then(() => Promise.reject(step.failure));
    }
    if (typeof step === 'object' && 'answer' in step) {
      return sleep(clock, step.after).then(() => step.answer);
    }
    if (step !== 'held') return Promise.resolve(step);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(noAnswer());
      });
    });
  };
  const acknowledge = (ids: readonly string[]): Promise<void> => {
    log.push(`acknowledge ${ids.join()}`);
    const step = acknowledgements.shift() ?? 'ok';
    return step === 'ok' ? Promise.resolve() : Promise.reject(step);
  };
  const receiver = createReceiver({
    receive,
    acknowledge,
    isNews: ({ waiting }) => waiting !== undefined,
    clock,
    backoff: createBackoff({ random: () => 0 }),
    events: {
      onInbox({ messages }) {
        log.push(`show ${messages.map(({ _id }) => _id).join()}`);
        return Promise.resolve();
      },
      onConnected: () => undefined,
      onWaiting: (failure, retryAt) => log.push(`wait ${failure.code} ${retryAt - clock.now()}`),
      onTrying: () => undefined,
      onEnd: (end) => log.push(`end ${end}`),
    },
  });
  return { receiver, clock, log };
}

describe('the receiver', () => {
  test('first checks that the connection works, then polls', async () => {
    const { receiver, log } = rig([inbox([])]);
    receiver.start();
    await settle();
    expect(log).toEqual(['check', 'show ', 'poll']);
  });

  test('acknowledges only after showing', async () => {
    const { receiver, log } = rig([inbox(['a', 'b'])]);
    receiver.start();
    await settle();
    expect(log).toEqual(['check', 'show a,b', 'acknowledge a,b', 'poll']);
  });

  test('acknowledges again what comes again, until it has worked', async () => {
    const lost = noAnswer();
    const { receiver, clock, log } = rig([inbox(['a']), inbox(['a'])], [lost, 'ok']);
    receiver.start();
    await clock.advance(0);
    expect(log).toEqual(['check', 'show a', 'acknowledge a', 'wait 0 1000']);
    await clock.advance(1_000);
    expect(log.slice(4)).toEqual(['check', 'show a', 'acknowledge a', 'poll']);
  });

  test('waits longer and longer while the connection is lost', async () => {
    const { receiver, clock, log } = rig([noAnswer(), new Failure(502, ''), inbox([])]);
    receiver.start();
    await clock.advance(1_000);
    await clock.advance(1_999);
    expect(log).toEqual(['check', 'wait 0 1000', 'check', 'wait 502 2000']);
    await clock.advance(1);
    expect(log.slice(4)).toEqual(['check', 'show ', 'poll']);
  });

  test('checks at once after a held poll was cut on the way, and waits only if that fails too', async () => {
    const cut = { failure: new Failure(504, ''), after: 30_000 };
    const { receiver, clock, log } = rig([inbox([]), cut, noAnswer()]);
    receiver.start();
    await clock.advance(30_000);
    expect(log).toEqual(['check', 'show ', 'poll', 'check', 'wait 0 1000']);
  });

  test('checks at once after a short poll was cut on a line that worked for long', async () => {
    const answeredAfter = (milliseconds: number) => ({ answer: inbox([]), after: milliseconds });
    const shortPolls = Array.from({ length: 4 }, () => answeredAfter(1_500));
    const cut = { failure: noAnswer(), after: 700 };
    const { receiver, clock, log } = rig([inbox([]), ...shortPolls, cut, cut]);
    receiver.start();
    await clock.advance(6_700);
    expect(log.slice(-2)).toEqual(['poll', 'check']);
    await clock.advance(700);
    expect(log.at(-1)).toBe('wait 0 1000');
  });

  test('waits after a poll that fails at once, although checks succeed', async () => {
    const { receiver, log } = rig([inbox([]), new Failure(502, '')]);
    receiver.start();
    await settle();
    expect(log.slice(2)).toEqual(['poll', 'wait 502 1000']);
  });

  test('honours Retry-After', async () => {
    const { receiver, clock, log } = rig([failures.tooManyRequests(9_000)]);
    receiver.start();
    await clock.advance(8_999);
    expect(log).toEqual(['check', 'wait 429 9000']);
    await clock.advance(1);
    expect(log).toContain('check');
  });

  test('tries at once when asked, instead of waiting on', async () => {
    const { receiver, log } = rig([noAnswer(), inbox([])]);
    receiver.start();
    await settle();
    receiver.retryNow();
    await settle();
    expect(log).toEqual(['check', 'wait 0 1000', 'check', 'show ', 'poll']);
  });

  test('does not disturb a held poll when asked to retry, but does when asked to recheck', async () => {
    const { receiver, log } = rig([inbox([])]);
    receiver.start();
    await settle();
    receiver.retryNow();
    await settle();
    expect(log).toEqual(['check', 'show ', 'poll']);
    receiver.recheck();
    await settle();
    expect(log.slice(3)).toEqual(['check']);
  });

  test('does not hammer a server that answers polls at once with nothing', async () => {
    const { receiver, clock, log } = rig([inbox([]), inbox([]), inbox([])]);
    receiver.start();
    await settle();
    expect(log.filter((line) => line === 'poll')).toHaveLength(1);
    await clock.advance(1_000);
    expect(log.filter((line) => line === 'poll')).toHaveLength(2);
  });

  test('ends when the chat is closed, after showing and acknowledging the last words', async () => {
    const { receiver, log } = rig([inbox(['bye'], 'closed')]);
    receiver.start();
    await settle();
    expect(log).toEqual(['check', 'show bye', 'acknowledge bye', 'end closed']);
  });

  test('takes 401 to the last acknowledgement for success: the chat is removed already', async () => {
    const { receiver, log } = rig([inbox(['bye'], 'closed')], [failures.unauthorized()]);
    receiver.start();
    await settle();
    expect(log.at(-1)).toBe('end closed');
  });

  test('takes 401 to an acknowledgement in a live chat for the end', async () => {
    const { receiver, log } = rig([inbox(['a'])], [failures.unauthorized()]);
    receiver.start();
    await settle();
    expect(log.slice(2)).toEqual(['acknowledge a', 'end unauthorized']);
  });

  test('ends when the server does not know this participant', async () => {
    const { receiver, log } = rig([failures.unauthorized()]);
    receiver.start();
    await settle();
    expect(log).toEqual(['check', 'end unauthorized']);
  });

  test('stops when another tab reads, and reads again when it is started again', async () => {
    const { receiver, log } = rig([inbox([]), failures.superseded()]);
    receiver.start();
    await settle();
    expect(log.slice(2)).toEqual(['poll', 'end superseded']);
    receiver.start();
    await settle();
    expect(log.at(-1)).toBe('check');
  });

  test('is silent after it was stopped', async () => {
    const { receiver, clock, log } = rig([inbox([])]);
    receiver.start();
    await settle();
    const before = [...log];
    receiver.stop();
    await clock.advance(60_000);
    expect(log).toEqual(before);
  });

  test('polls once, however often it is started', async () => {
    const { receiver, log } = rig([]);
    receiver.start();
    receiver.start();
    await settle();
    expect(log).toEqual(['check']);
  });
});
