import type { Participant } from '../../chat/chat.ts';
import type { StoredMessage } from '../../chat/chat-store.ts';
import type { SystemEvent } from '../../protocol.ts';
import { publicIdOf, talkersPublicId } from '../participants.ts';
import type { MessageBroadcast, ServerAction, SessionStatus } from './server-actions.ts';
import { mutableSession, type Session } from './sessions.ts';

/** Who sends what the server says itself. No participant has this id. */
export const SYSTEM_SENDER = 'sfchat.system';

/** What a system message tells of the session. Its end needs none: the connection ends with it. */
const changes: Partial<Record<SystemEvent, SessionStatus>> = {
  created: 'created',
  joined: 'modified',
  ready: 'modified',
};

/** What has come, as GradAgenda says it: each message, and before it what it changes in the session. */
export const toActions = (
  participant: Participant,
  session: Session,
  messages: readonly StoredMessage[],
): ServerAction[] =>
  messages.flatMap((message): ServerAction[] => {
    const change = message.event && changes[message.event];
    const broadcast = receivedBroadcast(participant, message);
    if (change === undefined) return [broadcast];
    // Nobody is in it when it is created but its creator, however late they hear of it.
    const then = change === 'created' ? { ...session, isPaired: false } : session;
    return [mutableSession(then, change), broadcast];
  });

/** A message that has come, from the talker or from the system. */
const receivedBroadcast = (participant: Participant, message: StoredMessage): MessageBroadcast => ({
  type: 'message-broadcast',
  'session-id': participant.chatToken,
  'sender-id': message.system ? SYSTEM_SENDER : talkersPublicId(participant),
  message: { type: 'text', body: message.msg },
  'sender-timestamp': message.accepted,
  'message-id': message._id,
  ...(message.event && { event: message.event }),
});

export interface SentMessage {
  readonly cdid: string;
  readonly id: string;
  readonly body: string;
  /** As the sender's clock has it, in ms since the epoch. */
  readonly timestamp: number;
}

/** The sender's own copy: it is made here and never stored. */
export const sentBroadcast = (participant: Participant, sent: SentMessage): MessageBroadcast => ({
  cdid: sent.cdid,
  type: 'message-broadcast',
  'session-id': participant.chatToken,
  'sender-id': publicIdOf(participant),
  message: { type: 'text', body: sent.body },
  'sender-timestamp': sent.timestamp,
  'message-id': sent.id,
});
