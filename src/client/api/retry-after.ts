// No server of ours asks for more; a mistaken one must not silence the page for a day.
const LONGEST_RETRY_AFTER_MS = 10 * 60_000;

/**
 * Reads a Retry-After header (seconds or an HTTP date) into milliseconds; undefined when it asks for no wait.
 *
 * @param now milliseconds since the epoch.
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const waitMs = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000;
  return waitMs > 0 ? Math.min(waitMs, LONGEST_RETRY_AFTER_MS) : undefined;
}
