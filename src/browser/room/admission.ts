import type { Clock } from '../../chat/clock.ts';
import { Failure } from '../../chat/failures.ts';
import { deriveInvitation, generateCode, type Invitation } from '../../crypto/index.ts';
import { refusals } from '../../protocol.ts';
import type { Membership, Tokens } from '../api/answers.ts';
import type { ApiClient } from '../api/api-client.ts';
import { BAD_GATEWAY, GATEWAY_TIMEOUT, NO_ANSWER, toFailure } from '../api/no-answer.ts';
import { newToken } from '../api/token.ts';
import type { Attempt, Attempts } from '../session/attempts.ts';
import { startSession, type KeyPlace, type Role, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { sleep } from './sleep.ts';

/** How somebody who was let in goes on. */
export interface Admitted {
  readonly session: Session;
  /** Whether the session survives leaving the page. */
  readonly kept: boolean;
}

/** The server says that the chat is of another kind than its invitation. Nothing goes on from there. */
export class WrongKind extends Error {
  constructor() {
    super('The chat is of another kind than its invitation');
    this.name = 'WrongKind';
  }
}

/** The way into a chat. Both reject with a Failure, or with {@link WrongKind}. */
export interface Admission {
  create(kind: Invitation['kind']): Promise<Admitted>;
  join(invitation: Invitation): Promise<Admitted>;
}

export interface AdmissionOptions {
  api: Pick<ApiClient, 'create' | 'join' | 'close'>;
  storage: TabStorage;
  attempts: Attempts;
  clock: Clock;
  /** Keeps the keys of an encrypted chat, and says where. */
  keepKeys: (chat: { role: Role; code: string; endsAt: number }) => Promise<KeyPlace>;
  /** The chat that was in this tab before is left. */
  leave: () => Promise<void>;
  makeBackoff?: () => Backoff;
}

/** How often a call is tried that nobody answers. */
export const ADMISSION_TRIES = 4;

// Who is asked to wait for longer than this is told so instead.
const LONGEST_PAUSE_MS = 30_000;

// What a chat lives at the most, should the server not say so.
const LONGEST_LIFE_MS = 24 * 60 * 60_000;

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
  const { api, storage, attempts, clock } = options;

  const ask = async (attempt: Attempt, call: () => Promise<Membership>): Promise<Membership> => {
    attempts.remember(attempt);
    try {
      return await untilAnswered(options, call);
    } catch (thrown) {
      if (FOR_GOOD.includes(toFailure(thrown).code)) attempts.forget(attempt);
      throw thrown;
    }
  };

  const enter = async (attempt: Attempt, membership: Membership, encrypted: boolean) => {
    if (membership.encrypted !== encrypted) {
      attempts.forget(attempt);
      await api.close(membership).catch(() => undefined);
      throw new WrongKind();
    }
    const { role, code } = attempt;
    const endsAt = clock.now() + lifetimeMs(membership);
    const place = encrypted ? await options.keepKeys({ role, code, endsAt }) : {};
    await options.leave();
    const session: Session = { ...membership, ...place, role, endsAt };
    const kept = startSession(storage, session);
    attempts.forgetAll();
    return { session, kept };
  };

  const createOnce = async (kind: Invitation['kind']): Promise<Admitted> => {
    const attempt = attempts.creating(kind) ?? (await newChat(kind));
    const encrypted = kind === 'encrypted';
    const membership = await ask(attempt, () => api.create(tokensOf(attempt), encrypted));
    if (membership.status !== 'closed') return enter(attempt, membership, encrypted);
    // Made by a try of long ago, and over before anybody saw it.
    attempts.forget(attempt);
    throw new Failure(refusals.conflict.code, refusals.conflict.msg);
  };

  return {
    async create(kind) {
      try {
        return await createOnce(kind);
      } catch (thrown) {
        if (toFailure(thrown).code !== refusals.conflict.code) throw thrown;
        return createOnce(kind);
      }
    },
    async join({ kind, code }) {
      const attempt = attempts.joining(code) ?? (await newJoin(kind, code));
      const membership = await ask(attempt, () => api.join(tokensOf(attempt)));
      return enter(attempt, membership, kind === 'encrypted');
    },
  };
}

async function untilAnswered(
  { clock, makeBackoff = createBackoff }: AdmissionOptions,
  call: () => Promise<Membership>,
): Promise<Membership> {
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
}

const tokensOf = ({ chatToken, userToken }: Attempt): Tokens => ({ chatToken, userToken });

/** The chat token that stands for a code: the server never sees the code of an encrypted chat. */
const chatTokenOf = async (kind: Invitation['kind'], code: string): Promise<string> =>
  kind === 'plain' ? code : (await deriveInvitation(code)).chatToken;

async function newChat(kind: Invitation['kind']): Promise<Attempt> {
  const code = kind === 'plain' ? newToken() : generateCode();
  const chatToken = await chatTokenOf(kind, code);
  return { role: 'creator', code, chatToken, userToken: newToken() };
}

async function newJoin(kind: Invitation['kind'], code: string): Promise<Attempt> {
  const chatToken = await chatTokenOf(kind, code);
  return { role: 'joiner', code, chatToken, userToken: newToken() };
}

/** By the server's clock alone: the browser's may be wrong. */
function lifetimeMs({ created, expires }: Membership): number {
  const lifetime = Date.parse(expires) - Date.parse(created);
  return lifetime >= 0 ? Math.min(lifetime, LONGEST_LIFE_MS) : LONGEST_LIFE_MS;
}

const isWorthRepeating = ({ code, retryAfterMs = 0 }: Failure): boolean =>
  UNANSWERED.includes(code) && retryAfterMs <= LONGEST_PAUSE_MS;
