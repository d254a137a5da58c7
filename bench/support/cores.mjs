import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const canPin =
  availableParallelism() > 1 &&
  spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;

/** What a command begins with to run on the core of the servers; nothing where there is one core only. */
export const serverCore = canPin ? ['taskset', '--cpu-list', '0'] : [];

/** Leaves the servers' core to them, so that the load does not slow down what it measures. */
export function leaveServerCore() {
  if (canPin)
    spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '1', String(process.pid)], {
      stdio: 'ignore',
    });
}

export const arePinned = canPin;
