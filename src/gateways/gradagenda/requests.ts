import { createHash } from 'node:crypto';
import type { Participant } from '../../chat/chat.ts';
import { REMEMBERED_IDS, type Token } from '../../protocol.ts';
import type { GatewayContext } from '../gateway.ts';
import { talkersPublicId, type MessageIds } from '../participants.ts';
import { sendMessage } from '../send.ts';
import { sentBroadcast } from './broadcasts.ts';
import type { ClientAction, ClientActionOf } from './client-actions.ts';
import { failed, type ServerAction, type StatusResponse } from './server-actions.ts';
import { directSession, mutableSession, type Session } from './sessions.ts';

/** Who asks, once that is known. */
export interface Requester {
  readonly participant: Participant;
  readonly messageIds: MessageIds;
  /** The chat as far as this connection knows it. */
  readonly session: () => Session;
}

type RequestContext = Pick<GatewayContext, 'service' | 'limits' | 'messageMaxLength'>;

/** Carries out one action and gives the answer to it; what it throws is a failure of that action alone. */
export type Requests = (action: ClientAction) => Promise<ServerAction>;

/** What an authenticated client may ask for, action by action (GradAgenda, section 3.2). */
export function createRequests(context: RequestContext, requester: Requester): Requests {
  const { service } = context;
  const { participant } = requester;
  const send = sending(context, requester);
  const isOther = (sessionId: string): boolean => sessionId !== participant.chatToken;

  return async (action) => {
    const { cdid, type } = action;
    switch (type) {
      case 'authenticate':
        return failed(cdid, 'this connection is authenticated already');
      case 'request-direct-session-info':
        return { cdid, ...directInfo(requester, action) };
      case 'request-mutable-session-creation':
        return failed(cdid, 'a chat is created and joined over chat.json, not here');
      case 'request-mutable-session-modification':
        if (isOther(action['session-id'])) return noSuchSession(cdid);
        return failed(cdid, 'a chat has the two who created and joined it, and nobody else');
      case 'request-mutable-session-deletion':
        if (isOther(action['session-id'])) return noSuchSession(cdid);
        await service.close(participant);
        return { cdid, ...mutableSession(requester.session(), 'deleted') };
      case 'request-mutable-session-listing': {
        const { chat } = await service.state(participant);
        const status = chat.status === 'closed' ? 'deleted' : 'unchanged';
        return { cdid, ...mutableSession(requester.session(), status) };
      }
      case 'request-sending-a-message':
        return isOther(action['session-id']) ? noSuchSession(cdid) : send(action);
    }
  };
}

const noSuchSession = (cdid: string): StatusResponse =>
  failed(cdid, 'session-id is not the session of this chat');

/** Between the two there is one session, whichever way it is asked for. */
function directInfo(
  { participant, session }: Requester,
  action: ClientActionOf<'request-direct-session-info'>,
): ServerAction {
  if (action['user-id'] !== talkersPublicId(participant))
    return failed(action.cdid, 'user-id is not the other participant of this chat');
  if (!session().isPaired) return failed(action.cdid, 'the other participant has not joined yet');
  return directSession(session());
}

/** Sends by the rules of `POST messages.json`; success is the sender's own copy. */
function sending(context: RequestContext, { participant, messageIds }: Requester) {
  const sent = new SentTexts();
  return async (action: ClientActionOf<'request-sending-a-message'>): Promise<ServerAction> => {
    const { cdid, message, 'sender-timestamp': timestamp } = action;
    const id = messageIds(cdid);
    // The server would take it for a repeat, and it would never arrive.
    if (sent.hasOther(id, message.body)) return failed(cdid, 'cdid was used for another message');
    await sendMessage(context, participant, { _id: id, msg: message.body });
    sent.add(id, message.body);
    return sentBroadcast(participant, { cdid, id, body: message.body, timestamp });
  };
}

/** What this connection has sent lately: by its id, a hash of each text. */
class SentTexts {
  readonly #hashes = new Map<Token, string>();

  hasOther(id: Token, text: string): boolean {
    return (this.#hashes.get(id) ?? hashOf(text)) !== hashOf(text);
  }

  add(id: Token, text: string): void {
    this.#hashes.set(id, hashOf(text));
    const [oldest] = this.#hashes.keys();
    if (this.#hashes.size > REMEMBERED_IDS && oldest !== undefined) this.#hashes.delete(oldest);
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');
