import type { Clock } from '../../chat/clock.ts';
import { Failure } from '../../chat/failures.ts';
import { refusals, type Token } from '../../protocol.ts';
import type { Membership, Tokens } from '../api/answers.ts';
import type { ApiClient } from '../api/api-client.ts';
import { BAD_GATEWAY, GATEWAY_TIMEOUT, NO_ANSWER, toFailure } from '../api/no-answer.ts';
import type { Attempts } from '../session/attempts.ts';
import { startSession, type Role, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { sleep } from './sleep.ts';

/** How somebody who was let in goes on. */
export interface Admitted {
  readonly session: Session;
  /** Whether the session survives leaving the page. */
  readonly kept: boolean;
}

/** The way into a chat. Both reject with a Failure. */
export interface Admission {
  create(): Promise<Admitted>;
  join(code: Token): Promise<Admitted>;
}

export interface AdmissionOptions {
  api: Pick<ApiClient, 'create' | 'join'>;
  storage: TabStorage;
  attempts: Attempts;
  clock: Clock;
  makeBackoff?: () => Backoff;
}

/** How often a call is tried that nobody answers. */
export const ADMISSION_TRIES = 4;

// Who is asked to wait for longer than this is told so instead.
const LONGEST_PAUSE_MS = 30_000;

/** After these the server may have done what it was asked, or will soon be able to. */
const UNANSWERED: readonly number[] = [
  NO_ANSWER,
  BAD_GATEWAY,
  refusals.unavailable.code,
  GATEWAY_TIMEOUT,
];

/** After these no repeat of the same tokens will ever succeed. */
const FOR_GOOD: readonly number[] = [
  refusals.badRequest.code,
  refusals.unauthorized.code,
  refusals.invalidCode.code,
  refusals.conflict.code,
  refusals.invitationUsed.code,
];

/**
 * Creates the way into a chat. A call without an answer is repeated with the same tokens, by itself and
 * when the person tries again, so that nobody is kept out by a seat that is their own.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { api, storage, attempts, clock, makeBackoff = createBackoff } = options;

  const untilAnswered = async (call: () => Promise<Membership>): Promise<Membership> => {
    const backoff = makeBackoff();
    for (let tries = 1; ; tries += 1) {
      try {
        return await call();
      } catch (thrown) {
        const failure = toFailure(thrown);
        if (tries === ADMISSION_TRIES || !isWorthRepeating(failure)) throw failure;
        await sleep(clock, backoff.next(failure.retryAfterMs));
      }
    }
  };

  const ask = async (tokens: Tokens, call: () => Promise<Membership>): Promise<Membership> => {
    try {
      return await untilAnswered(call);
    } catch (thrown) {
      if (FOR_GOOD.includes(toFailure(thrown).code)) attempts.forget(tokens);
      throw thrown;
    }
  };

  const createOnce = async (): Promise<Membership> => {
    const tokens = attempts.tokensToCreate();
    const membership = await ask(tokens, () => api.create(tokens));
    if (membership.status !== 'closed') return membership;
    // Made by a try of long ago, and over before anybody saw it.
    attempts.forget(tokens);
    throw new Failure(refusals.conflict.code, refusals.conflict.msg);
  };

  const createWithFreeToken = async (): Promise<Membership> => {
    try {
      return await createOnce();
    } catch (thrown) {
      if (toFailure(thrown).code !== refusals.conflict.code) throw thrown;
      return createOnce();
    }
  };

  const enter = (membership: Membership, role: Role): Admitted => {
    const session = { ...membership, role };
    const kept = startSession(storage, session);
    attempts.forgetAll();
    return { session, kept };
  };

  return {
    create: async () => enter(await createWithFreeToken(), 'creator'),
    async join(code) {
      const tokens = attempts.tokensToJoin(code);
      return enter(await ask(tokens, () => api.join(tokens)), 'joiner');
    },
  };
}

const isWorthRepeating = ({ code, retryAfterMs = 0 }: Failure): boolean =>
  UNANSWERED.includes(code) && retryAfterMs <= LONGEST_PAUSE_MS;
