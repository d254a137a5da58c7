import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ChatEvent } from '../../src/client/index.ts';
import { eventually } from './eventually.ts';

/** Long enough for a slow machine, and short enough to notice that something hangs. */
const PATIENCE = 30_000;

type EventNamed<Name extends ChatEvent['event']> = Extract<ChatEvent, { event: Name }>;

/** The built command line as a process, as a script would use it. */
export interface CommandLine {
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** With `--json`: what has happened so far. */
  events(): readonly ChatEvent[];
  all<Name extends ChatEvent['event']>(name: Name): EventNamed<Name>[];
  /** The first event of a name, and for which more is true, now or later. */
  first<Name extends ChatEvent['event']>(
    name: Name,
    isIt?: (event: EventNamed<Name>) => boolean,
  ): Promise<EventNamed<Name>>;
  /** Standard error so far. */
  errors(): string;
  write(...lines: string[]): void;
  /** The end of standard input. */
  end(): void;
  kill(signal: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Ends whatever a test has left running. */
export async function endCommandLines(): Promise<void> {
  for (const child of running) child.kill('SIGKILL');
  await eventually(() => running.size === 0, 'all command lines have ended');
}

/** Runs the command line with these arguments. */
export function runCommandLine(...args: string[]): CommandLine {
  const main = path.resolve(__dirname, '../../dist/src/cli/main.js');
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // It may be gone already when a test writes to it.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(() => {
    running.delete(child);
    return child.exitCode;
  });
  const lines = () => output.split('\n').slice(0, -1);
  const events = () => lines().map((line) => JSON.parse(line) as ChatEvent);
  const all = <Name extends ChatEvent['event']>(name: Name) =>
    events().filter((event): event is EventNamed<Name> => event.event === name);
  return {
    get lines() {
      return lines();
    },
    events,
    all,
    async first(name, isIt = () => true) {
      const find = () => all(name).find(isIt);
      await eventually(() => find() !== undefined, `${name}, after ${output} ${errors}`, PATIENCE);
      return find()!;
    },
    errors: () => errors,
    write(...written) {
      for (const line of written) child.stdin.write(`${line}\n`);
    },
    end() {
      child.stdin.end();
    },
    kill: (signal) => {
      child.kill(signal);
    },
    ended,
  };
}
