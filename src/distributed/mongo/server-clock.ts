import type { MongoClient } from 'mongodb';
import { systemClock, type Clock } from '../../chat/clock.ts';

/** Heartbeats that are remembered: one that a busy process took up late tells of a time that is past. */
const READINGS = 3;

/** Milliseconds of difference that may come from the way of an answer: so much is no difference. */
const UNCERTAINTY_MS = 1000;

/** Clocks of this process: the one that people set, and the one that never jumps. */
export type ProcessClock = Pick<Clock, 'now' | 'elapsed'>;

/**
 * The database's clock as this process knows it from the heartbeats of its primary: between two of them by the
 * clock that never jumps, so that it holds whatever is done to the time of this machine.
 */
export class ServerClock {
  readonly #clock: ProcessClock;
  /** What the server's clock was ahead of `elapsed`, in milliseconds, the newest last. */
  #readings: readonly number[] = [];

  constructor(clock: ProcessClock = systemClock) {
    this.#clock = clock;
  }

  watch(client: MongoClient): void {
    client.on('serverHeartbeatSucceeded', ({ reply }) => {
      const { localTime } = reply;
      const isPrimary = reply['isWritablePrimary'] === true || reply['ismaster'] === true;
      if (isPrimary && localTime instanceof Date) this.#note(localTime.getTime());
    });
  }

  /** Milliseconds that the server's clock is ahead of this process's; 0 as long as nothing is known, or not enough. */
  ahead(): number {
    if (this.#readings.length === 0) return 0;
    // A heartbeat tells of a time that is past by its way: the one that was fastest is nearest to the truth.
    const now = Math.max(...this.#readings) + this.#clock.elapsed();
    const ahead = Math.round(now - this.#clock.now());
    return Math.abs(ahead) < UNCERTAINTY_MS ? 0 : ahead;
  }

  #note(time: number): void {
    this.#readings = [...this.#readings, time - this.#clock.elapsed()].slice(-READINGS);
  }
}
