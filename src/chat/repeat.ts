import type { Clock } from './clock.ts';

/** Does something every so many milliseconds, the first time after as many; gives how to stop. */
export function repeat(clock: Clock, milliseconds: number, act: () => void): () => void {
  let cancel = (): void => undefined;
  const wait = (): void => {
    cancel = clock.after(milliseconds, () => {
      wait();
      act();
    });
  };
  wait();
  return () => {
    cancel();
  };
}
