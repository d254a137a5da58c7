/**
 * Logs the first of many like it, and none of those that follow within `intervalMs`: every request meets the
 * same fault, and a log that says so for each would fill the disk that may be the fault.
 */
export function atMostEvery<Cause>(
  intervalMs: number,
  log: (cause: Cause) => void,
): (cause: Cause) => void {
  let next = 0;
  return (cause) => {
    const now = performance.now();
    if (now < next) return;
    next = now + intervalMs;
    log(cause);
  };
}
