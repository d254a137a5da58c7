/**
 * Logs the first of many like it, and the next one not before `interval` milliseconds have passed: every
 * request meets the same fault, and a log that says so for each would fill the disk that may be the fault.
 */
export function atMostEvery<Cause>(
  interval: number,
  log: (cause: Cause) => void,
): (cause: Cause) => void {
  let next = 0;
  return (cause) => {
    const now = performance.now();
    if (now < next) return;
    next = now + interval;
    log(cause);
  };
}
