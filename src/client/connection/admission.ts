import type { Clock } from '../../chat/clock.ts';
import type { Failure } from '../../chat/failures.ts';
import {
  deriveInvitation,
  generateCode,
  parseInvitation,
  type Invitation,
  type Role,
} from '../../crypto/index.ts';
import { refusals } from '../../protocol.ts';
import type { Membership, Tokens } from '../api/answers.ts';
import type { ApiClient } from '../api/api-client.ts';
import { BAD_GATEWAY, GATEWAY_TIMEOUT, NO_ANSWER, toFailure } from '../api/no-answer.ts';
import { newToken } from '../api/token.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { sleep } from './sleep.ts';
import { WrongKind } from './wrong-kind.ts';

/** A create or join, with the tokens that every repeat of it names. */
export type Attempt = Tokens & {
  readonly role: Role;
  /** The invitation code; a plain chat's is its chat token. */
  readonly code: string;
};

export interface AdmissionOptions {
  api: Pick<ApiClient, 'create' | 'join' | 'close'>;
  clock: Clock;
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

/** Whether a repeat of the same attempt can never succeed. */
export const isRefusedForGood = (thrown: unknown): boolean =>
  thrown instanceof WrongKind || FOR_GOOD.includes(toFailure(thrown).code);

/** The kind of chat that a code invites to. */
export const kindOf = (code: string): Invitation['kind'] | undefined => parseInvitation(code)?.kind;

/** The chat token that stands for a code: the server never sees the code of an encrypted chat. */
const chatTokenOf = async (kind: Invitation['kind'], code: string): Promise<string> =>
  kind === 'plain' ? code : (await deriveInvitation(code)).chatToken;

/** A new chat, not created yet. */
export async function newChat(kind: Invitation['kind']): Promise<Attempt> {
  const code = kind === 'plain' ? newToken() : generateCode();
  const chatToken = await chatTokenOf(kind, code);
  return { role: 'creator', code, chatToken, userToken: newToken() };
}

/** A join with an invitation, not asked for yet. */
export async function newJoin({ kind, code }: Invitation): Promise<Attempt> {
  const chatToken = await chatTokenOf(kind, code);
  return { role: 'joiner', code, chatToken, userToken: newToken() };
}

/**
 * Creates or joins. A call without an answer is repeated with the same tokens, so that nobody is kept out by
 * a seat that is their own. Rejects with a Failure, or with {@link WrongKind} when the server's chat is not
 * of the kind of the code; that chat is closed.
 *
 * @param absenceCloseAfter of a new chat: seconds that one may be away before it is closed
 */
export async function admit(
  options: AdmissionOptions,
  attempt: Attempt,
  absenceCloseAfter?: number,
): Promise<Membership> {
  const { api } = options;
  const isEncrypted = kindOf(attempt.code) === 'encrypted';
  const tokens = { chatToken: attempt.chatToken, userToken: attempt.userToken };
  const membership = await untilAnswered(options, () =>
    attempt.role === 'creator'
      ? api.create(tokens, isEncrypted, absenceCloseAfter)
      : api.join(tokens),
  );
  if (membership.encrypted === isEncrypted) return membership;
  await api.close(membership).catch(() => undefined);
  throw new WrongKind();
}

/** Makes a call again while nobody answers it, four times at the most. Rejects with a Failure. */
export async function untilAnswered<Answer>(
  { clock, makeBackoff = createBackoff }: Pick<AdmissionOptions, 'clock' | 'makeBackoff'>,
  call: () => Promise<Answer>,
): Promise<Answer> {
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

/** How long a chat lives at the most, in milliseconds. By the server's clock alone: one's own may be wrong. */
export function lifetimeMs({ created, expires }: Membership): number {
  const lifetime = Date.parse(expires) - Date.parse(created);
  return lifetime >= 0 ? Math.min(lifetime, LONGEST_LIFE_MS) : LONGEST_LIFE_MS;
}

const isWorthRepeating = ({ code, retryAfterMs = 0 }: Failure): boolean =>
  UNANSWERED.includes(code) && retryAfterMs <= LONGEST_PAUSE_MS;
