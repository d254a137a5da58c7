import type { Failure } from '../../chat/failures.ts';
import { INBOX_LIMIT, refusals } from '../../protocol.ts';
import type { ChatState } from '../../client/api/answers.ts';
import { NO_ANSWER, toFailure } from '../../client/api/no-answer.ts';
import { ADMISSION_TRIES, WrongKind } from '../../client/connection/admission.ts';
import { formatMoment, t } from '../../messages/translate.ts';

/** What the page says to people: pure functions from what happened to a sentence. */

const MINUTE_MS = 60_000;

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

/** Where the other person is. */
export function describePresence(state: ChatState): string {
  if (state.status === 'closed') return t('presence.closed');
  if (state.participants < 2) return t('presence.waiting');
  if (state.talker.present) return t('presence.here');
  const seen = Date.parse(state.talker.lastSeen ?? '');
  if (Number.isNaN(seen)) return t('presence.away');
  return t('presence.seen', { age: describeAge(state.answeredAt - seen) });
}

/** `ageMs` is up to a minute too long, since the server cuts the moment to the minute. */
function describeAge(ageMs: number): string {
  const minutes = Math.floor(ageMs / MINUTE_MS);
  if (minutes < 2) return t('age.less');
  return minutes < 60
    ? t('age.minutes', { count: minutes })
    : t('age.hours', { count: Math.round(minutes / 60) });
}

/** When the chat is removed whatever happens, in local time; empty when unknown. */
export function describeExpiry(expires: string): string {
  const at = Date.parse(expires);
  if (Number.isNaN(at)) return '';
  const when = formatMoment(at, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  return t('expiry.at', { when });
}

/** The title of the page, with the messages that arrived while the page was hidden. */
export function pageTitle(unread: number): string {
  return unread > 0 ? t('title.unread', { count: unread }) : t('title.chat');
}
