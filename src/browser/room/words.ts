import type { Failure } from '../../chat/failures.ts';
import { INBOX_LIMIT, refusals } from '../../protocol.ts';
import type { ChatState } from '../../client/api/answers.ts';
import { NO_ANSWER, toFailure } from '../../client/api/no-answer.ts';
import { ADMISSION_TRIES, WrongKind } from '../../client/connection/admission.ts';
import { WRONG_KIND } from './secure-words.ts';

/** What the page says to people: pure functions from what happened to a sentence. */

const MINUTE_MS = 60_000;

function inAWhile(failure: Failure): string {
  const seconds = Math.ceil((failure.retryAfterMs ?? 0) / 1_000);
  if (seconds === 0) return 'in a moment';
  if (seconds === 1) return 'in 1 second';
  return seconds <= 120 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}

/** Why a call failed and what to do, for any call. */
export function describeFailure(failure: Failure): string {
  switch (failure.code) {
    case NO_ANSWER:
      return 'The server cannot be reached. Check your connection and try again.';
    case refusals.tooManyRequests.code:
      return `Too many attempts. Please try again ${inAWhile(failure)}.`;
    case refusals.unavailable.code:
      return `SFChat is not available right now. Please try again ${inAWhile(failure)}.`;
    default:
      return `Something went wrong on the server (${failure.code}). Please try again.`;
  }
}

/** Why no chat was created, after all the tries that the page makes by itself. */
export function describeCreateFailure(thrown: unknown): string {
  if (thrown instanceof WrongKind) return WRONG_KIND;
  const failure = toFailure(thrown);
  return failure.code === NO_ANSWER ? UNANSWERED : describeFailure(failure);
}

/** Why nobody could join with a code, after all the tries that the page makes by itself. */
export function describeJoinFailure(thrown: unknown): string {
  if (thrown instanceof WrongKind) return WRONG_KIND;
  const failure = toFailure(thrown);
  switch (failure.code) {
    case NO_ANSWER:
      return UNANSWERED;
    case refusals.badRequest.code:
    case refusals.unauthorized.code:
    case refusals.invalidCode.code:
      return 'No chat has this code. Please check it: it may be mistyped, or from a chat of long ago.';
    case refusals.invitationUsed.code:
      return failure.message === refusals.invitationOver.msg
        ? 'This invitation is over: its chat was closed or has expired. Ask Talker for a new one.'
        : 'This invitation has already been used. Ask Talker for a new one.';
    default:
      return describeFailure(failure);
  }
}

const UNANSWERED = `The server did not answer, after ${ADMISSION_TRIES} tries. Check your connection and try again: you go on where you were.`;

export const INVALID_CODE =
  'This is not an invitation code. A code has 24 characters, digits and letters. A whole link does as well.';

/** The state line while the connection is broken. */
export function describeTrouble(failure: Failure): string {
  switch (failure.code) {
    case NO_ANSWER:
      return 'Connection lost.';
    case refusals.notFound.code:
      return 'The chat service is not where it was.';
    case refusals.tooManyRequests.code:
      return 'The server asks to slow down.';
    default:
      return `The server has a problem (${failure.code}).`;
  }
}

/** Why messages are waiting in the outbox. */
export function describeSendTrouble(failure: Failure): string {
  switch (failure.code) {
    case NO_ANSWER:
      return 'No connection: your messages wait here and are sent when it is back.';
    case refusals.conflict.code:
      return 'The chat is not ready for messages: yours wait here.';
    case refusals.tooManyRequests.code:
      return `Too many messages at once, or Talker has not read your last ${INBOX_LIMIT} messages yet. Yours wait here.`;
    default:
      return `The server has a problem (${failure.code}): your messages wait here.`;
  }
}

/** Why the server will never take a message. */
export function describeRefusal(failure: Failure): string {
  if (failure.code === refusals.payloadTooLarge.code) return 'it is too long';
  const reason = failure.message.replace(/^Bad Request:?\s*/i, '');
  return reason === '' ? 'the server refused it' : `the server refused it (${reason})`;
}

/** Where the other person is. */
export function describePresence(state: ChatState): string {
  if (state.status === 'closed') return 'The chat is closed';
  if (state.participants < 2) return 'Waiting for Talker to join';
  if (state.talker.present) return 'Talker is here';
  const seen = Date.parse(state.talker.lastSeen ?? '');
  if (Number.isNaN(seen)) return 'Talker is away';
  return `Talker was last seen ${describeAge(state.answeredAt - seen)} ago`;
}

/** `ageMs` is up to a minute too long, since the server cuts the moment to the minute. */
function describeAge(ageMs: number): string {
  const minutes = Math.floor(ageMs / MINUTE_MS);
  if (minutes < 2) return 'less than 2 min';
  return minutes < 60 ? `about ${minutes} min` : `about ${Math.round(minutes / 60)} h`;
}

/** When the chat is removed whatever happens, in local time; empty when unknown. */
export function describeExpiry(expires: string): string {
  const at = Date.parse(expires);
  if (Number.isNaN(at)) return '';
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return `Ends ${format.format(at).replace(',', '')} at the latest`;
}

/** The title of the page, with the messages that arrived while the page was hidden. */
export function pageTitle(unread: number): string {
  const title = 'Chat - SFChat';
  return unread > 0 ? `(${unread}) ${title}` : title;
}

export const CHAT_CLOSED = 'This chat is closed. Its text is gone when you leave this page.';
export const CHAT_REMOVED = 'This chat has ended or was removed.';
export const CHAT_SUPERSEDED = 'This chat is open in another tab or window. This one has stopped.';
