/** A call that did not succeed. */
export class ApiFailure extends Error {
  /** The HTTP status, or 0 when there was no answer of SFChat: offline, cut off, too late, not JSON. */
  readonly code: number;
  /** The server's words, such as "Conflict: superseded". */
  readonly reason: string;
  /** What the server asked to wait, in milliseconds; 0 when it did not ask. */
  readonly retryAfter: number;

  constructor(code: number, reason = '', retryAfter = 0) {
    super(`SFChat call failed: ${code} ${reason}`);
    this.name = 'ApiFailure';
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** The failure itself; anything else that was thrown counts as "no answer". */
export function toFailure(thrown: unknown): ApiFailure {
  return thrown instanceof ApiFailure ? thrown : new ApiFailure(0);
}

// No server of ours asks for more; a mistaken one must not silence the page for a day.
const LONGEST_RETRY_AFTER = 10 * 60_000;

/** Reads a Retry-After header (seconds or an HTTP date) into milliseconds. */
export function readRetryAfter(header: string | null, now: number): number {
  if (header === null || header.trim() === '') return 0;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000;
  return wait > 0 ? Math.min(wait, LONGEST_RETRY_AFTER) : 0;
}
