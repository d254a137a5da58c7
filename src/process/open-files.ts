import { readFileSync } from 'node:fs';

/** Files that a process needs besides its connections: databases, logs, what Node.js opens itself. */
const RESERVE = 128;

/**
 * How many connections this process can have open at once: as many as it may have files open, less what it
 * needs itself. `Infinity` where the system does not say (anywhere but on Linux).
 *
 * @param limits where Linux tells; Node.js has raised its own limit to the hard one at its start
 */
export function mostConnections(limits = '/proc/self/limits'): number {
  let text: string;
  try {
    text = readFileSync(limits, 'utf8');
  } catch {
    return Infinity;
  }
  const [, soft = ''] = /^Max open files\s+(\d+)/m.exec(text) ?? [];
  return soft === '' ? Infinity : Math.max(2, Number(soft) - RESERVE);
}
