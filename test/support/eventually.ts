import { setTimeout } from 'node:timers/promises';

/** Real milliseconds that a condition has to come true: so long only when it never will. */
const PATIENCE = 10_000;

/** Resolves as soon as a condition is true; rejects when it does not become so. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what = String(condition),
  patience = PATIENCE,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not come true: ${what}`);
    await setTimeout(2);
  }
}
