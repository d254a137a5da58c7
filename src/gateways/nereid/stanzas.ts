import type { Participant } from '../../chat/chat.ts';
import type { StoredMessage } from '../../chat/chat-store.ts';
import { talkersPublicId } from '../participants.ts';

/** The stanzas of "3. Syntax of Stanzas", as this chat fills them. */

/** Anybody who sends (3.1.8). */
export interface Person {
  readonly objectType: string;
  readonly id: string;
  readonly displayName: string;
}

/** One person's availability (3.2). */
export interface Presence {
  readonly entity: string;
  readonly show: 'chat';
  readonly available: boolean;
}

/** A stanza; where it is a message's, `id` is that of its frame. */
export interface Stanza {
  readonly id?: string;
  readonly body: object;
}

export const personOf = (id: string, displayName: string): Person => ({
  objectType: 'person',
  id,
  displayName,
});

/** Who speaks where nobody does. */
const system: Person = {
  objectType: 'sfchat.system',
  id: 'sfchat.system',
  displayName: 'SFChat',
};

/** The talker's presence. */
export const presenceOf = (participant: Participant, available: boolean): Presence => ({
  entity: talkersPublicId(participant),
  show: 'chat',
  available,
});

const isoTime = (time: number): string => new Date(time).toISOString();

/** A message as its addressee reads it; its time is that at which it was accepted. */
export const messageStanza = (participant: Participant, message: StoredMessage): Stanza => ({
  id: message._id,
  body: {
    timestamp: isoTime(message.accepted),
    type: 'message',
    message: {
      subject: null,
      text: message.msg,
      type: 'plain',
      language: 'en-US',
      attachments: [],
      id: message._id,
      thread: participant.chatToken,
      sender: message.system ? system : personOf(talkersPublicId(participant), 'Talker'),
    },
  },
});

export const presenceStanza = (presence: readonly Presence[], now: number): Stanza => ({
  body: { timestamp: isoTime(now), type: 'presence', presence },
});

/** Several stanzas as one; its id is that of the last message in it. */
export function envelopeOf(stanzas: readonly Stanza[], now: number): Stanza {
  const id = stanzas.findLast((stanza) => stanza.id !== undefined)?.id;
  return {
    ...(id !== undefined && { id }),
    body: { timestamp: isoTime(now), stanzas: stanzas.map(({ body }) => body) },
  };
}

/** A stanza as an event of the stream. */
export const frameOf = ({ id, body }: Stanza): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(body)}\n\n`;
