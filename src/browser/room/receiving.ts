import type { Clock } from '../../chat/clock.ts';
import type { Inbox } from '../../client/api/answers.ts';
import { secureEventsOf, type Reading } from '../../client/connection/line.ts';
import type { Status } from '../../protocol.ts';
import type { Conversation } from '../session/conversation.ts';
import type { Session } from '../session/session.ts';
import type { Entry } from '../session/transcript.ts';
import type { ChatView } from './chat-view.ts';
import type { ChatLife } from './life.ts';
import { describeNews } from './secure-words.ts';
import type { SecurityWatch } from './security.ts';
import type { TalkerWatch } from './talker-watch.ts';
import type { WatchedApi } from './watched-api.ts';

export interface ReceivingOptions {
  readonly session: Session;
  readonly life: ChatLife;
  readonly conversation: Conversation;
  readonly security: Pick<SecurityWatch, 'note'>;
  readonly talker: Pick<TalkerWatch, 'answered' | 'stated'>;
  readonly api: Pick<WatchedApi, 'state' | 'isAfterAbsence'>;
  readonly clock: Clock;
  readonly view: Pick<ChatView, 'add' | 'setStatus' | 'setExpiry'>;
  /** The talker has joined. */
  readonly onReady: () => void;
}

/** What the server says, taken in: kept, shown, and learned from. */
export interface Receiving {
  /** Resolves when it is kept and shown, so that it may be acknowledged. */
  read(reading: Reading, inbox: Inbox): Promise<void>;
  /** Asks how it stands with the chat beyond what polls tell. */
  refreshState(): Promise<void>;
}

/** Receives for one chat. */
export function createReceiving(options: ReceivingOptions): Receiving {
  const { session, life, conversation, talker, api, clock, view } = options;

  const setStatus = (status: Status): void => {
    if (!life.advance(status)) return;
    view.setStatus(status);
    if (status === 'ready') options.onReady();
  };

  const noteTalker = (inbox: Inbox, added: readonly Entry[]): void => {
    if (!inbox.talker || inbox.status === 'closed') return;
    const hasSpoken = added.some(({ author }) => author === 'talker') && !api.isAfterAbsence();
    talker.answered(inbox.talker, hasSpoken);
  };

  const refreshState = async (): Promise<void> => {
    if (!life.isLive()) return;
    try {
      const state = await api.state(session);
      // Over, or another tab's, in the meantime.
      if (!life.isLive()) return;
      setStatus(state.status);
      talker.stated(state);
      view.setExpiry(clock.now() + Date.parse(state.expires) - state.answeredAt);
    } catch {
      // The state line and the receiver tell about trouble; this is an extra.
    }
  };

  return {
    async read(reading, inbox) {
      const { status } = inbox;
      const added = conversation.addIncoming(reading.flatMap(describeNews), api.isAfterAbsence());
      await conversation.written();
      if (life.isOver()) return;
      if (added.length > 0) view.add(added);
      options.security.note(secureEventsOf(reading));
      setStatus(status);
      noteTalker(inbox, added);
      const tidings = added.some(({ author }) => author === 'system');
      if (tidings && status !== 'closed') void refreshState();
    },
    refreshState,
  };
}
