import { setTimeout as sleep } from 'node:timers/promises';
import type { Fate } from '../../support/faulty-proxy.ts';
import { isInFsync, type Supervised } from './processes.ts';
import type { Stage } from './stage.ts';

/** Something that is broken while people talk; it mends itself before it resolves, and says what proves that it hit. */
export interface Fault {
  readonly name: string;
  /** How often, against the others. */
  readonly weight?: number;
  run(): Promise<string>;
}

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
