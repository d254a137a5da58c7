import type { Failure } from '../../chat/failures.ts';
import { INBOX_LIMIT, refusals } from '../../protocol.ts';
import { NO_ANSWER, toFailure } from '../../client/api/no-answer.ts';
import { dayOf } from '../session/transcript.ts';
import { ADMISSION_TRIES } from '../../client/connection/admission.ts';
import { WrongKind } from '../../client/connection/wrong-kind.ts';
import { formatMoment, t } from '../../messages/translate.ts';
import type { Talker } from './talker.ts';

/** What the page says to people: pure functions from what happened to a sentence. */

/** No chat lives longer. */
const WHOLE_LIFE_S = 86_400;

function inAWhile(failure: Failure): string {
  const seconds = Math.ceil((failure.retryAfterMs ?? 0) / 1_000);
  if (seconds === 0) return t('wait.moment');
  return seconds <= 120
    ? t('wait.seconds', { count: seconds })
    : t('wait.minutes', { count: Math.ceil(seconds / 60) });
}

/** Why a call failed and what to do, for any call. */
export function describeFailure(failure: Failure): string {
  switch (failure.code) {
    case NO_ANSWER:
      return t('failure.noAnswer');
    case refusals.tooManyRequests.code:
      return t('failure.tooMany', { when: inAWhile(failure) });
    case refusals.unavailable.code:
      return t('failure.unavailable', { when: inAWhile(failure) });
    default:
      return t('failure.other', { code: String(failure.code) });
  }
}

/** Why no chat was created, after all the tries that the page makes by itself. */
export function describeCreateFailure(thrown: unknown): string {
  if (thrown instanceof WrongKind) return t('admission.wrongKind');
  const failure = toFailure(thrown);
  return failure.code === NO_ANSWER ? unanswered() : describeFailure(failure);
}

/** Why nobody could join with a code, after all the tries that the page makes by itself. */
export function describeJoinFailure(thrown: unknown): string {
  if (thrown instanceof WrongKind) return t('admission.wrongKind');
  const failure = toFailure(thrown);
  switch (failure.code) {
    case NO_ANSWER:
      return unanswered();
    case refusals.badRequest.code:
    case refusals.unauthorized.code:
    case refusals.invalidCode.code:
      return t('join.unknown');
    case refusals.invitationUsed.code:
      return failure.message === refusals.invitationOver.msg ? t('join.over') : t('join.used');
    default:
      return describeFailure(failure);
  }
}

const unanswered = (): string => t('admission.unanswered', { count: ADMISSION_TRIES });

/** The state line while the connection is broken. */
export function describeTrouble(failure: Failure): string {
  switch (failure.code) {
    case NO_ANSWER:
      return t('trouble.noAnswer');
    case refusals.notFound.code:
      return t('trouble.notFound');
    case refusals.tooManyRequests.code:
      return t('trouble.tooMany');
    default:
      return t('trouble.other', { code: String(failure.code) });
  }
}

/** Why messages are waiting in the outbox. */
export function describeSendTrouble(failure: Failure): string {
  switch (failure.code) {
    case NO_ANSWER:
      return t('sending.noAnswer');
    case refusals.conflict.code:
      return t('sending.notReady');
    case refusals.tooManyRequests.code:
      return t('sending.tooMany', { count: INBOX_LIMIT });
    default:
      return t('sending.other', { code: String(failure.code) });
  }
}

/** Why the server will never take a message. */
export function describeRefusal(failure: Failure): string {
  if (failure.code === refusals.payloadTooLarge.code) return t('refused.tooLong');
  const reason = failure.message.replace(/^Bad Request:?\s*/i, '');
  return reason === '' ? t('refused.server') : t('refused.reason', { reason });
}

/** Where the talker is. `now`: milliseconds since the epoch. */
export function describeTalker(talker: Talker, now: number): string {
  switch (talker.kind) {
    case 'invited':
      return t('presence.waiting');
    case 'unknown':
      return '';
    case 'here':
      return t('presence.here');
    case 'typing':
      return t('presence.typing');
    case 'away':
      return describeAway(talker, now);
  }
}

function describeAway({ since, until }: Extract<Talker, { kind: 'away' }>, now: number): string {
  if (since === undefined) return t('presence.away');
  const from = { since: momentOf(since, now) };
  return until === undefined
    ? t('presence.awayToEnd', from)
    : t('presence.awayUntil', { ...from, until: momentOf(until, now) });
}

/** Hours and minutes, with the day if it is another than today. */
function momentOf(at: number, now: number): string {
  const isToday = dayOf(at) === dayOf(now);
  return formatMoment(at, {
    ...(!isToday && { weekday: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  });
}

/**
 * How long one may be away, for both to know; empty when unknown.
 *
 * @param seconds without a sign of life until the chat is closed
 */
export function describeAbsence(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds >= WHOLE_LIFE_S) return t('absence.never');
  const minutes = Math.ceil(seconds / 60);
  const duration =
    minutes % 60 === 0
      ? t('duration.hours', { count: minutes / 60 })
      : t('duration.minutes', { count: minutes });
  return t('absence.closes', { duration });
}
