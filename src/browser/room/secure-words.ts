import type { HandshakeFailure, Refusal, SecureEvent } from '../../crypto/index.ts';
import type { News } from '../../client/connection/line.ts';
import type { NewLine } from '../session/conversation.ts';

/** What the page says about encryption: pure functions from what happened to sentences. */

const FAILURES: Record<HandshakeFailure, string> = {
  'wrong commitment': 'a key arrived that is not the one announced before',
  'wrong authentication': 'the other side does not know the code, or a message was changed',
  'wrong public key': 'the other side sent something that is no key',
  'malformed step': 'a message was damaged or changed',
  'too many handshakes': 'it was tried five times, and more is not allowed in one chat',
};

const REFUSALS: Record<Refusal, string> = {
  'not encrypted': 'A message that was not encrypted arrived. It is not shown.',
  'unknown kind': 'A message of an unknown kind arrived. It is not shown.',
  'unexpected step':
    'Somebody sent a part of a key exchange that nobody waits for. It was ignored.',
  'forged restart': 'Somebody without the code asked for new keys. It was ignored.',
  'too many handshakes': 'New keys were asked for too often. The keys in use stay.',
};

/** The warning that an event is; undefined for the ordinary ones. */
export function warningOf(event: SecureEvent): string | undefined {
  switch (event.type) {
    case 'handshake failed':
      return event.final
        ? `No keys could be agreed on: ${FAILURES[event.reason]}. Nothing can be sent.`
        : `A new exchange of keys failed: ${FAILURES[event.reason]}. The keys in use stay.`;
    case 'missing':
      return event.to - event.from === 1
        ? 'A message is missing here.'
        : `${event.to - event.from} messages are missing here.`;
    case 'unreadable':
      return 'A message could not be read: it was changed on its way, or made for keys that are lost.';
    case 'refused':
      return REFUSALS[event.reason];
    default:
      return undefined;
  }
}

/** The lines that something which arrived is in the conversation. */
export function describeNews(news: News): NewLine[] {
  if (news.kind === 'secure') return describeEvent(news.event, news.id);
  const { kind, id, text } = news;
  return [{ id, author: kind === 'system' ? 'system' : 'talker', text }];
}

function describeEvent(event: SecureEvent, messageId: string): NewLine[] {
  switch (event.type) {
    case 'text': {
      const id = `${event.epoch}.${event.sequence}`;
      const line: NewLine = { id, author: 'talker', text: event.text };
      return event.late ? [line, notice(`${id}.late`, LATE)] : [line];
    }
    case 'secured':
      return [notice(`${event.epoch}.secured`, event.again ? SECURED_AGAIN : SECURED)];
    case 'confirmed':
      return [];
    case 'missing':
      return [warning(`${event.epoch}.${event.from}.missing`, warningOf(event) ?? '')];
    default:
      return [warning(`${messageId}.${event.type}`, warningOf(event) ?? '')];
  }
}

const notice = (id: string, text: string): NewLine => ({ id, author: 'notice', text });

const warning = (id: string, text: string): NewLine => ({ ...notice(id, text), warning: true });

const LATE = 'The message above came late: it was called missing before.';
const SECURED = 'Keys are exchanged. Messages are end-to-end encrypted from here on.';
const SECURED_AGAIN =
  'New keys are in use: one of you had lost the old ones. Compare the four words again.';

export const LOST_BY_RELOAD =
  'Your browser does not keep keys here, so the reload has lost them: what was said before cannot be shown any more, and new keys are exchanged.';

export const CONTRADICTION =
  'The server says that a message of yours was delivered, but Talker does not confirm it.';

export const KEYS_LOST =
  'This browser has lost the keys of this chat, so it cannot go on here. It was closed for both of you.';

export const KEYS_UNUSABLE = 'The browser could not use the keys of this chat. Reload the page.';

export const NEVER_LEFT = 'the page went away before';

export const HANDSHAKE_LIMIT = 'Keys were exchanged five times in this chat; more is not allowed.';

export const WRONG_KIND =
  'This server says that the chat is of another kind than its invitation: encrypted and not encrypted do not fit together. Nothing was sent, and the chat was closed. Ask Talker for a new invitation.';

export const NEEDS_HTTPS =
  'This is the code of an encrypted chat, and browsers encrypt only on pages that came over https. Ask for an https address of this server.';
