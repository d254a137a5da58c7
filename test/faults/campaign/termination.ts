import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../../src/chat/chat.ts';
import { BATCH_SIZE } from '../../../src/chat/terminate-chats.ts';
import type { Fault } from './faults.ts';
import { until, type Environment, type Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { Wire, type Tokens } from './wire.ts';

const PASSWORD = 'a password for the campaign';

/** Seconds of a lifetime that the prepared chats have behind them. */
const LIFETIME_S = 5;

/** Milliseconds in which a message must be accepted in a new chat. */
const HELLO_WITHIN_MS = 120_000;

/** The schedule never comes: the run is asked for. */
const settings: Environment = {
  ADMIN_PASSWORD: PASSWORD,
  TERMINATION_SCHEDULE: '0 0 29 2 *',
  CHAT_LIFETIME: '86400',
};
const shortLives: Environment = { ...settings, CHAT_LIFETIME: String(LIFETIME_S) };

export interface TerminationFaultOptions {
  readonly stage: Stage;
  /** A server of its own. */
  readonly web: Supervised;
  /** Who runs the job where it is not the server. */
  readonly worker?: Supervised;
  /** Chats over their lifetime. */
  readonly chats: number;
}

/**
 * kill -9 in the middle of a termination. Proven by what is left: some of the chats are ended, others are not. Then
 * the job is run again to its end, and two people who talked meanwhile have lost nothing.
 */
export const killDuringTermination = (options: TerminationFaultOptions): Fault => ({
  name: 'kill -9 during termination',
  run: async () => {
    const wire = new Wire(() => options.web.origin);
    try {
      let proof = await attempt(options, wire);
      // A job may be over before a look at it is: then it was no kill in its middle.
      for (let again = 0; again < 2 && proof.startsWith('NOT'); again += 1) {
        proof = await attempt(options, wire);
      }
      return proof;
    } finally {
      await wire.close();
    }
  },
});

async function attempt(options: TerminationFaultOptions, wire: Wire): Promise<string> {
  const { stage, web, worker, chats } = options;
  const start = async (environment: Environment) => {
    await web.start(environment);
    await worker?.start(environment);
  };
  const stop = async () => {
    await worker?.end('SIGTERM');
    await web.end('SIGTERM');
  };
  await start(settings);
  await createChats(wire, chats);
  await stop();
  await start(shortLives);
  await sleep(LIFETIME_S * 1000);
  const pair = await sayHello(wire);
  const all = await drafts(web);

  const run = runTermination(web).catch(() => undefined);
  // In the memory of a server that has all of them a step is done before it is stored, and the next one begins after.
  const unstored = worker === undefined ? BATCH_SIZE : 0;
  await until(
    async () => (await drafts(web)) < all - unstored,
    'the termination has stored its first step',
  );
  await (worker ?? web).end('SIGKILL');
  await web.end('SIGKILL');
  await run;

  await web.start(settings);
  const left = await drafts(web);
  if (!(await hasHello(wire, pair))) stage.surprise('a message was lost in a termination');
  await stop();
  await start(shortLives);
  await endTheRest(web);
  await stop();
  const proof = `${left} of ${all} drafts were left`;
  return left > 0 && left < all ? proof : `NOT PROVEN: ${proof}`;
}

async function createChats(wire: Wire, count: number): Promise<void> {
  for (let made = 0; made < count; made += 20) {
    await Promise.all(
      Array.from({ length: Math.min(20, count - made) }, () => wire.call('POST', 'chat.json')),
    );
  }
}

/** Says something in a new chat, and in another one when the storage was broken meanwhile or the machine too slow. */
async function sayHello(wire: Wire): Promise<Tokens> {
  const deadline = performance.now() + HELLO_WITHIN_MS;
  for (;;) {
    const joiner = await trySayingHello(wire).catch(() => null);
    if (joiner !== null) return joiner;
    if (performance.now() > deadline) throw new Error('no message is accepted in a new chat');
    await sleep(100);
  }
}

async function trySayingHello(wire: Wire): Promise<Tokens | null> {
  const chatToken = newToken();
  const [creator, joiner] = [newToken(), newToken()].map((userToken) => ({ chatToken, userToken }));
  await wire.call('POST', 'chat.json', { tokens: creator ?? {} });
  await wire.call('PUT', 'chat.json', { tokens: joiner ?? {} });
  const data = { messages: [{ msg: 'Hello' }] };
  const { code } = await wire.call('POST', 'messages.json', { tokens: creator ?? {}, data });
  return code === 202 && joiner !== undefined ? joiner : null;
}

async function hasHello(wire: Wire, tokens: Tokens): Promise<boolean> {
  const { results } = await wire.call('GET', 'messages.json?longPolling=false', { tokens });
  return (results.messages ?? []).some(({ msg }) => msg === 'Hello');
}

const ASK_AGAIN_AFTER_MS = 5000;

const authorization = `Basic ${Buffer.from(`campaign:${PASSWORD}`).toString('base64')}`;

async function admin(web: Supervised, form?: string): Promise<string> {
  const answer = await fetch(`${web.origin}/admin`, {
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      authorization,
      ...(form !== undefined && { origin: web.origin, 'sec-fetch-site': 'same-origin' }),
    },
    ...(form !== undefined && { body: new URLSearchParams({ form }) }),
    redirect: 'manual',
  });
  return answer.text();
}

/** How many drafts an operator sees. */
async function drafts(web: Supervised): Promise<number> {
  const page = await admin(web);
  const count = /<dt>draft<\/dt>\s*<dd[^>]*>(\d+)/.exec(page)?.[1];
  if (count === undefined)
    throw new Error(`the administration does not say how many drafts there are`);
  return Number(count);
}

/** Asks again when nothing comes of it: a Redis that is killed or emptied meanwhile forgets what it was asked. */
async function endTheRest(web: Supervised): Promise<void> {
  const isOver = async () => (await drafts(web)) === 0;
  await until(async () => {
    await runTermination(web).catch(() => undefined);
    return until(isOver, 'no draft is left', ASK_AGAIN_AFTER_MS).then(
      () => true,
      () => false,
    );
  }, 'a second termination has ended the rest');
}

/** Presses the button as soon as there is one: a process that has just begun may not know its Redis yet. */
async function runTermination(web: Supervised): Promise<void> {
  let form: string | undefined;
  await until(async () => {
    form = /name="form" value="([^"]+)"/.exec(await admin(web))?.[1];
    return form !== undefined;
  }, 'the administration offers a termination');
  await admin(web, form);
}
