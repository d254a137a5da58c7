import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../../src/chat/chat.ts';
import type { Fate } from '../../support/faulty-proxy.ts';
import { emptyInbox } from './pairs.ts';
import { isInFsync, until, type Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { Wire, type Tokens } from './wire.ts';

/** Something that is broken while people talk; it mends itself before it resolves, and says what proves that it hit. */
export interface Fault {
  readonly name: string;
  /** How often, against the others. */
  readonly weight?: number;
  run(): Promise<string>;
}

/** Polls that are held when a server is told to stop. */
const HELD_POLLS = 500;

/** A kill that waits for a commit gives up then: the disk is too fast to be caught. */
const COMMIT_WITHIN_MS = 10_000;

/** What networks and people do, in every mode. */
export function networkFaults(stage: Stage): Fault[] {
  const { proxy, random } = stage;
  /** Spoils requests until so many are. */
  const spoil = async (fate: (method: string) => Fate, count: number): Promise<string> => {
    const before = proxy.spoiled;
    proxy.fate = fate;
    const deadline = performance.now() + 20_000;
    while (proxy.spoiled < before + count && performance.now() < deadline) await sleep(5);
    proxy.fate = () => 'pass';
    return `${proxy.spoiled - before} requests`;
  };
  return [
    {
      name: 'answers to POST and PUT lost after the commit',
      run: () =>
        spoil((method) => (method.startsWith('P') && random() < 0.5 ? 'lose answer' : 'pass'), 20),
    },
    {
      name: 'answers to GET and DELETE lost, 30 %',
      run: () =>
        spoil((method) => (/^[GD]/.test(method) && random() < 0.3 ? 'lose answer' : 'pass'), 40),
    },
    {
      name: 'requests cut on their way, 30 %',
      run: () => spoil(() => (random() < 0.3 ? 'cut' : 'pass'), 40),
    },
    {
      name: 'every connection cut',
      run: () => {
        proxy.cutAll();
        return Promise.resolve('at once');
      },
    },
    {
      name: 'pages reloaded',
      run: () => Promise.resolve(`${stage.disturb('reload', 0.7)} pages`),
    },
    {
      name: 'a second tab',
      run: () => Promise.resolve(`${stage.disturb('secondTab', 0.7)} tabs`),
    },
  ];
}

export interface KillOptions {
  readonly stage: Stage;
  readonly web: Supervised;
  /** Whether the process has chats in its memory that are not committed yet. */
  readonly hasMemory: boolean;
  readonly start: () => Promise<void>;
}

/** Milliseconds in which what a dead process has answered reaches its readers. */
const SETTLING_MS = 60;

async function killed({ stage, web, hasMemory, start }: KillOptions): Promise<void> {
  await web.end('SIGKILL');
  await sleep(SETTLING_MS);
  if (hasMemory) stage.note({ type: 'crashed' });
  await start();
}

/** kill -9 of a web process while messages are sent. */
export const killDuringSends = (options: KillOptions): Fault => ({
  name: 'kill -9 during sends',
  weight: 2,
  run: async () => {
    const before = options.stage.tally.accepted;
    await options.stage.accepted(before + 5 + Math.floor(options.stage.random() * 30));
    await killed(options);
    return `after ${options.stage.tally.accepted - before} messages`;
  },
});

/** kill -9 of the process that has the database file, in the middle of a commit. */
export const killDuringCommit = (options: KillOptions): Fault => ({
  name: "kill -9 during the journal's commit",
  weight: 2,
  run: async () => {
    const deadline = performance.now() + COMMIT_WITHIN_MS;
    const { pid } = options.web;
    let looks = 0;
    while (!isInFsync(pid)) {
      looks += 1;
      if (performance.now() > deadline) break;
      // Between looks the clients must go on, or there is nothing to commit.
      if (looks % 20 === 0) await sleep(1);
    }
    process.kill(pid, 'SIGKILL');
    const wasCaught = performance.now() <= deadline;
    await killed(options);
    return wasCaught ? 'a thread was in fsync' : 'NOT PROVEN: no fsync was seen';
  },
});

/** SIGTERM while polls are held: all of them are answered, and the process ends by itself. */
export const stopUnderHeldPolls = (options: {
  readonly stage: Stage;
  readonly web: Supervised;
  /** Whether its database is broken now and then meanwhile: 503 is an answer, too, then. */
  readonly isShaken?: boolean;
}): Fault => ({
  name: `SIGTERM under ${HELD_POLLS} held polls`,
  run: async () => {
    const { stage, web, isShaken = false } = options;
    const expected = isShaken ? [200, 503] : [200];
    // Nothing but the end of the server ends one.
    await web.start({ LONG_POLLING_SLEEP: '60', LONG_POLLING_ITERATION: '5' });
    const wire = new Wire(() => web.origin);
    const polls = await holdPolls(wire, HELD_POLLS);
    await until(async () => (await heldPolls(web)) === HELD_POLLS, 'all polls are held');
    const code = await web.end('SIGTERM');
    const codes = await Promise.all(polls);
    const others = codes.filter((one) => !expected.includes(one));
    const answered = codes.length - others.length;
    await wire.close();
    if (code !== 0) stage.surprise(`a server that was told to stop ended with ${String(code)}`);
    if (others.length > 0)
      stage.surprise(
        `${answered} of ${HELD_POLLS} held polls were answered by a server that stops, the others ${[...new Set(others)].join()}`,
      );
    return `${answered} answered, exit code ${String(code)}`;
  },
});

async function heldPolls({ origin }: Supervised): Promise<number> {
  const answer = await fetch(`${origin}/metrics`);
  return Number(/^sfchat_held_polls (\d+)/m.exec(await answer.text())?.[1]);
}

/** Opens polls of drafts that nobody writes to; each gives the code of its answer. */
async function holdPolls(wire: Wire, count: number): Promise<Promise<number>[]> {
  const polls: Promise<number>[] = [];
  while (polls.length < count) {
    const size = Math.min(25, count - polls.length);
    const drafts = await Promise.all(Array.from({ length: size }, () => quietDraft(wire)));
    const held = drafts.map((tokens) =>
      wire.call('GET', 'messages.json', { tokens, patienceMs: 300_000 }),
    );
    polls.push(
      ...held.map((poll) =>
        poll.then(
          ({ code }) => code,
          () => 0,
        ),
      ),
    );
  }
  return polls;
}

async function quietDraft(wire: Wire): Promise<Tokens> {
  const tokens = { chatToken: newToken(), userToken: newToken() };
  await wire.call('POST', 'chat.json', { tokens });
  await emptyInbox(wire, tokens);
  return tokens;
}

/** SIGTERM and start, as an upgrade does it. */
export const restart = (options: KillOptions): Fault => ({
  name: 'restart',
  run: async () => {
    const code = await options.web.end('SIGTERM');
    await options.start();
    if (code !== 0) options.stage.surprise(`a restarted server ended with ${String(code)}`);
    return `exit code ${String(code)}`;
  },
});
