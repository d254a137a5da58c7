import type { ClosedReason, WarningEvent } from '../client/index.ts';

/** What the command line says to people. */

const HANDSHAKE: Readonly<Record<string, string>> = {
  'wrong commitment': 'a key arrived that is not the one announced before',
  'wrong authentication': 'the other side does not know the code, or a message was changed',
  'wrong public key': 'the other side sent something that is no key',
  'malformed step': 'a message was damaged or changed',
  'too many handshakes': 'it was tried five times, and more is not allowed in one chat',
};

/** What a warning means. */
export function describeWarning(warning: WarningEvent): string {
  const { reason, count = 1, detail = '', final = false } = warning;
  switch (reason) {
    case 'missing':
      return count === 1 ? 'A message is missing here.' : `${count} messages are missing here.`;
    case 'unreadable':
      return 'A message could not be read: it was changed on its way, or made for keys that are lost.';
    case 'not encrypted':
      return 'A message that was not encrypted arrived. It is not shown.';
    case 'unknown kind':
      return 'A message of an unknown kind arrived. It is not shown.';
    case 'unexpected step':
      return 'Somebody sent a part of a key exchange that nobody waits for. It was ignored.';
    case 'forged restart':
      return 'Somebody without the code asked for new keys. It was ignored.';
    case 'too many handshakes':
      return 'New keys were asked for too often. The keys in use stay.';
    case 'handshake failed':
      return final
        ? `No keys could be agreed on: ${HANDSHAKE[detail] ?? detail}. Nothing can be sent.`
        : `A new exchange of keys failed: ${HANDSHAKE[detail] ?? detail}. The keys in use stay.`;
    case 'contradiction':
      return 'The server says that a message of yours was delivered, but Talker does not confirm it.';
    case 'not confirmed':
      return 'Keys changed before Talker confirmed a message of yours: perhaps it could not be read.';
  }
}

const CLOSED: Record<ClosedReason, string> = {
  you: 'The chat is closed. Nothing of it is left here.',
  left: 'You have left the chat.',
  talker: 'Talker has closed the chat.',
  absent: 'The chat was closed: one of you was away for too long.',
  expired: 'The chat has reached the end of its lifetime.',
  removed: 'The server does not know this chat any more: it has ended or was removed.',
  superseded: 'Somebody else receives in your place; nothing arrives here any more.',
  'no keys': 'The chat was closed for both of you: there are no keys.',
};

/** Why a chat is over. */
export const describeClosed = (reason: ClosedReason): string => CLOSED[reason];

const REFUSALS: Readonly<Record<string, string>> = {
  'text empty': 'it is empty',
  'text blank': 'it is only white space',
  'text too long': 'it has more than 140 characters',
  'text malformed': 'it has a character that cannot be sent',
};

/** Why a message will never arrive. */
export const describeRefusal = (reason: string): string => REFUSALS[reason] ?? reason;
