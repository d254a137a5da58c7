import { Failure } from '../../chat/failures.ts';

/** The code of a failure without an answer of SFChat: offline, cut off, too late, not JSON. */
export const NO_ANSWER = 0;

/** What a proxy answers in the place of a server that it cannot reach, or that is too slow for it. */
export const BAD_GATEWAY = 502;
export const GATEWAY_TIMEOUT = 504;

/** A call to which SFChat gave no answer. */
export const noAnswer = (): Failure => new Failure(NO_ANSWER, 'No answer');

/** Whether the server was not reached at all: then only it is waited for, not for what it asked. */
export const isUnreachable = ({ code }: Failure): boolean =>
  code === NO_ANSWER || code === BAD_GATEWAY || code === GATEWAY_TIMEOUT;

/** The failure itself; anything else that was thrown counts as "no answer". */
export function toFailure(thrown: unknown): Failure {
  return thrown instanceof Failure ? thrown : noAnswer();
}
