import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';
import { answerClusterMetrics } from './cluster-metrics.ts';

/** Milliseconds that a web process must have lived for its end not to count as a crash at start. */
const LIVED_LONG = 10_000;

/** Milliseconds before a web process that crashed at start is replaced; each further one waits twice as long. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;

/** Milliseconds that web processes have for answering what they hold when they are told to stop. */
const STOP_TIMEOUT = 15_000;

export interface SupervisorOptions {
  /** How many web processes. */
  readonly count: number;
  readonly logger: Logger;
}

/**
 * Keeps web processes running that share one port (node:cluster), until SIGTERM or SIGINT: then it
 * tells them to stop, waits until they have answered what they hold, and ends. Each of them runs the
 * same entry as this process.
 */
export function superviseWebProcesses({ count, logger }: SupervisorOptions): void {
  const supervisor = new Supervisor(count, logger);
  supervisor.start();
  answerClusterMetrics();
  const stop = (): void => {
    supervisor.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

class Supervisor {
  readonly #count: number;
  readonly #logger: Logger;
  /** Web processes in a row that did not live long. */
  #crashes = 0;
  #haveListened = false;
  #isStopping = false;

  constructor(count: number, logger: Logger) {
    this.#count = count;
    this.#logger = logger;
  }

  start(): void {
    cluster.on('listening', () => (this.#haveListened = true));
    for (let started = 0; started < this.#count; started += 1) this.#fork();
    this.#logger.info({ processes: this.#count }, 'supervising web processes');
  }

  stop(): void {
    // A second signal is somebody who does not want to wait.
    if (this.#isStopping) process.exit(1);
    this.#isStopping = true;
    this.#logger.info('stopping web processes');
    signalAll('SIGTERM');
    setTimeout(() => {
      this.#logger.error('web processes did not stop in time');
      signalAll('SIGKILL');
    }, STOP_TIMEOUT).unref();
    this.#endIfAlone();
  }

  #fork(): void {
    const begun = Date.now();
    const worker = cluster.fork();
    this.#logger.info({ process: worker.process.pid }, 'web process started');
    worker.once('exit', (code: number) => {
      this.#replace(worker, Date.now() - begun, worker.process.signalCode ?? code);
    });
  }

  #replace(worker: Worker, lived: number, reason: string | number): void {
    if (this.#isStopping) {
      this.#endIfAlone();
      return;
    }
    this.#logger.error({ process: worker.process.pid, reason, lived }, 'a web process has died');
    if (!this.#haveListened && typeof reason === 'number') {
      // None has ever worked: it is the settings or the port, and trying again does not change them.
      signalAll('SIGKILL');
      process.exit(1);
    }
    this.#crashes = lived < LIVED_LONG ? this.#crashes + 1 : 0;
    setTimeout(() => {
      if (!this.#isStopping) this.#fork();
    }, this.#pause());
  }

  /** None for a process that had lived: its clients are waiting. */
  #pause(): number {
    if (this.#crashes === 0) return 0;
    return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#crashes - 1));
  }

  #endIfAlone(): void {
    if (workers().length > 0) return;
    this.#logger.info('stopped');
    process.exit(0);
  }
}

/** The web processes that live. */
const workers = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter((worker) => worker?.isDead() === false) as Worker[];

function signalAll(signal: NodeJS.Signals): void {
  for (const worker of workers()) worker.process.kill(signal);
}
