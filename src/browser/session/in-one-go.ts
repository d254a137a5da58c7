/** Work that is done once for all that asks for it in one go. */
export interface InOneGo {
  /** Before anything else can happen to the page. */
  readonly soon: () => void;
  /** At once, if it is due. */
  readonly now: () => void;
}

/** Collects the wishes for this work. */
export function inOneGo(work: () => void): InOneGo {
  let isDue = false;
  const now = (): void => {
    if (isDue) work();
    isDue = false;
  };
  const soon = (): void => {
    if (!isDue) queueMicrotask(now);
    isDue = true;
  };
  return { soon, now };
}
