import { setTimeout } from 'node:timers/promises';

/** Resolves as soon as a condition holds; fails when it does not within so many milliseconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  milliseconds = 10_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${milliseconds} ms: ${what}`);
    await setTimeout(10);
  }
}
