import { sendBody } from '../../src/client/api/answers.ts';
import { noAnswer } from '../../src/client/api/no-answer.ts';
import { createBackoff } from '../../src/client/connection/backoff.ts';
import { createOutbox, firstBatch, type Outbox } from '../../src/client/connection/outbox.ts';
import { createSender, type Sender } from '../../src/client/connection/sender.ts';
import { Failure, failures } from '../../src/chat/failures.ts';
import { MAX_BODY_BYTES, type OutgoingMessage } from '../../src/protocol.ts';
import { PageClock, settle } from '../unit/browser/support.ts';

interface Rig {
  sender: Sender;
  outbox: Outbox;
  clock: PageClock;
  requests: string[][];
  log: string[];
}

type Answering = (batch: readonly OutgoingMessage[]) => 'ok' | Failure;

function rig(texts: string[], answering: Answering): Rig {
  const outbox = createOutbox();
  for (const text of texts) outbox.add({ _id: `id-${text}`, msg: text });
  const clock = new PageClock();
  const requests: string[][] = [];
  const log: string[] = [];
  const sender = createSender({
    send: (batch) => {
      requests.push(batch.map(({ _id }) => _id));
      const result = answering(batch);
      return result === 'ok' ? Promise.resolve() : Promise.reject(result);
    },
    outbox,
    clock,
    backoff: createBackoff({ random: () => 0 }),
    events: {
      onAccepted: (ids) => log.push(`sent ${ids.join()}`),
      onSent: () => undefined,
      onWaiting: (failure, retryAt) => log.push(`wait ${failure.code} ${retryAt - clock.now()}`),
      onRefused: (id, failure) => log.push(`refused ${id} ${failure.code}`),
      onUnauthorized: () => log.push('unauthorized'),
    },
  });
  return { sender, outbox, clock, requests, log };
}

/** Fails as often as there are failures, then succeeds. */
const after = (...failures: Failure[]): Answering => {
  return () => failures.shift() ?? 'ok';
};

describe('the sender', () => {
  test('sends in order, 20 messages at a time', async () => {
    const texts = Array.from({ length: 45 }, (_unused, index) => String(index));
    const { sender, requests, outbox } = rig(texts, () => 'ok');
    sender.start();
    await settle();
    expect(requests.map((ids) => ids.length)).toEqual([20, 20, 5]);
    expect(requests.flat()).toEqual(texts.map((text) => `id-${text}`));
    expect(outbox.pending()).toEqual([]);
  });

  test('repeats the same ids until the server has answered', async () => {
    const { sender, clock, requests, log } = rig(['a', 'b'], after(noAnswer()));
    sender.start();
    await clock.advance(1_000);
    expect(requests).toEqual([
      ['id-a', 'id-b'],
      ['id-a', 'id-b'],
    ]);
    expect(log).toEqual(['wait 0 1000', 'sent id-a,id-b']);
  });

  test('waits only shortly again after a success', async () => {
    const failures = [noAnswer(), noAnswer(), 'ok', noAnswer()] as const;
    let turn = 0;
    const { sender, clock, outbox, log } = rig(['a'], () => failures[turn++] ?? 'ok');
    sender.start();
    await clock.advance(1_000);
    await clock.advance(2_000);
    outbox.add({ _id: 'id-b', msg: 'b' });
    sender.start();
    await settle();
    expect(log).toEqual(['wait 0 1000', 'wait 0 2000', 'sent id-a', 'wait 0 1000']);
  });

  test('keeps messages in the outbox until they are accepted', async () => {
    const { sender, clock, outbox } = rig(['a'], after(new Failure(503, '')));
    sender.start();
    await settle();
    expect(outbox.pending()).toHaveLength(1);
    await clock.advance(1_000);
    expect(outbox.pending()).toHaveLength(0);
  });

  test('honours Retry-After, also when there is something new to send', async () => {
    const { sender, clock, outbox, requests } = rig(['a'], after(failures.tooManyRequests(5_000)));
    sender.start();
    await settle();
    outbox.add({ _id: 'id-b', msg: 'b' });
    sender.start();
    await clock.advance(4_999);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(requests[1]).toEqual(['id-a', 'id-b']);
  });

  test('keeps the messages when the chat is not ready', async () => {
    const { sender, clock, log } = rig(['a'], after(failures.notReady()));
    sender.start();
    await clock.advance(1_000);
    expect(log).toEqual(['wait 409 1000', 'sent id-a']);
  });

  test('finds out which message of a batch is refused, and delivers the others', async () => {
    const refuseB: Answering = (batch) =>
      batch.some(({ msg }) => msg === 'b') ? failures.badRequest('b') : 'ok';
    const { sender, outbox, log } = rig(['a', 'b', 'c', 'd'], refuseB);
    sender.start();
    await settle();
    expect(log).toEqual(['sent id-a', 'refused id-b 400', 'sent id-c,id-d']);
    expect(outbox.pending()).toEqual([]);
  });

  test('never repeats a message that is refused', async () => {
    const { sender, clock, requests } = rig(['a'], () => new Failure(400, ''));
    sender.start();
    await clock.advance(600_000);
    expect(requests).toHaveLength(1);
  });

  test('stops when the server does not know this participant, and keeps what is unsent', async () => {
    const { sender, clock, requests, log, outbox } = rig(['a'], () => failures.unauthorized());
    sender.start();
    await clock.advance(600_000);
    expect(requests).toHaveLength(1);
    expect(log).toEqual(['unauthorized']);
    expect(outbox.pending()).toHaveLength(1);
  });

  test('tries at once when asked', async () => {
    const { sender, requests } = rig(['a'], after(noAnswer()));
    sender.start();
    await settle();
    sender.retryNow();
    await settle();
    expect(requests).toHaveLength(2);
  });

  test('sends nothing after it was stopped, and goes on when started again', async () => {
    const { sender, clock, requests } = rig(['a'], after(noAnswer()));
    sender.start();
    await settle();
    sender.stop();
    await clock.advance(600_000);
    expect(requests).toHaveLength(1);
    sender.start();
    await settle();
    expect(requests).toHaveLength(2);
  });

  test('has one request under way at a time', async () => {
    let answerFirst = (): void => undefined;
    const outbox = createOutbox();
    let requests = 0;
    const sender = createSender({
      send: () => {
        requests += 1;
        return new Promise((resolve) => {
          answerFirst = resolve;
        });
      },
      outbox,
      clock: new PageClock(),
      backoff: createBackoff(),
      events: {
        onAccepted: () => undefined,
        onSent: () => undefined,
        onWaiting: () => undefined,
        onRefused: () => undefined,
        onUnauthorized: () => undefined,
      },
    });
    outbox.add({ _id: 'id-a', msg: 'a' });
    sender.start();
    outbox.add({ _id: 'id-b', msg: 'b' });
    sender.start();
    await settle();
    expect(requests).toBe(1);
    answerFirst();
    await settle();
    expect(requests).toBe(2);
  });
});

describe('a batch', () => {
  const long = (text: string): OutgoingMessage => ({ _id: '0'.repeat(24), msg: text });

  test('fits into the largest body, counted in bytes', () => {
    const messages = Array.from({ length: 20 }, () => long('語'.repeat(600)));
    const batch = firstBatch(messages);
    expect(new TextEncoder().encode(sendBody(batch)).length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(batch.length).toBeGreaterThan(1);
  });

  test('of ordinary messages is as many as the protocol allows, whatever is in them', () => {
    const worst = Array.from({ length: 30 }, () => long('\u0001'.repeat(70)));
    expect(firstBatch(worst)).toHaveLength(20);
  });

  test('has at least one message, so that an impossible one is refused and not stuck', () => {
    expect(firstBatch([long('a'.repeat(20_000))])).toHaveLength(1);
  });
});
