import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds in which a process that is started must be ready, on a machine that does other things, too. */
const READY_WITHIN_MS = 180_000;

export type Environment = Readonly<Record<string, string>>;

const running = new Set<ChildProcess>();

/** Ends what is left, whatever happens to the campaign itself. */
export function endAllProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Polls until it is so. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = READY_WITHIN_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`It did not come true: ${what}`);
    await sleep(10);
  }
}

/** A script of the built service that can be killed and started again at the same address. */
export class Supervised {
  readonly port: number;
  readonly origin: string;
  /** The last lines that it wrote. */
  readonly lines: string[] = [];
  readonly #script: string;
  readonly #environment: Environment;
  #child: ChildProcess | null = null;

  constructor(script: string, port: number, environment: Environment) {
    this.#script = script;
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
    this.#environment = environment;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** @param changes to the environment, for this time */
  async start(changes: Environment = {}): Promise<void> {
    const child = spawn(process.execPath, [`dist/${this.#script}`], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        RATE_LIMITS: 'off',
        LOG_LEVEL: 'warn',
        PORT: String(this.port),
        ...this.#environment,
        ...changes,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.once('close', () => {
      running.delete(child);
      if (this.#child === child) this.#child = null;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.lines.push(text.trimEnd());
        if (this.lines.length > 50) this.lines.shift();
      });
    }
    this.#child = child;
    await this.#isUp();
  }

  async #isUp(): Promise<void> {
    if (!this.#script.endsWith('server.js')) return;
    const isUp = async () => {
      if (this.#child === null) throw new Error(`It ended: ${this.lines.slice(-3).join('\n')}`);
      return (await this.status('/readyz')) === 200;
    };
    await until(isUp, `${this.#script} is ready: ${this.lines.at(-1) ?? ''}`);
  }

  /** The status with which a path is answered; 0 when it is not. */
  async status(path: string): Promise<number> {
    try {
      const answer = await fetch(`${this.origin}${path}`, { signal: AbortSignal.timeout(2000) });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }

  /** Ends it; gives its exit code, or the signal. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    const child = this.#child;
    if (child === null) return null;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
    return child.exitCode ?? child.signalCode;
  }
}

/** Numbers of the system calls that wait for a disk, by architecture. */
const FSYNC_CALLS: Readonly<Record<string, readonly string[]>> = {
  x64: ['74', '75'],
  arm64: ['82', '83'],
};

/** Whether a thread of a process is in `fsync` or `fdatasync` right now. */
export function isInFsync(pid: number): boolean {
  const calls = FSYNC_CALLS[process.arch] ?? [];
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const [call = ''] = readFileSync(`/proc/${pid}/task/${thread}/syscall`, 'utf8').split(' ');
      return calls.includes(call);
    });
  } catch {
    return false;
  }
}
