import type { Clock } from '../../chat/clock.ts';
import type { ApiClient } from '../../client/api/api-client.ts';
import { toFailure } from '../../client/api/no-answer.ts';
import type { Channel } from '../../client/connection/channel.ts';
import type { ReceiverEnd } from '../../client/connection/receiver.ts';
import { t } from '../../messages/translate.ts';
import { refusals } from '../../protocol.ts';
import type { Conversation } from '../session/conversation.ts';
import { clearSession, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';
import type { ChatView } from './chat-view.ts';
import type { ChatLife } from './life.ts';
import type { OwnDeliveries } from './own-deliveries.ts';

export interface EndingOptions {
  readonly session: Session;
  readonly storage: TabStorage;
  readonly life: ChatLife;
  readonly conversation: Pick<Conversation, 'written'>;
  readonly deliveries: Pick<OwnDeliveries, 'end'>;
  readonly api: Pick<ApiClient, 'close'>;
  readonly channel: Pick<Channel, 'retryReceiving'>;
  readonly clock: Clock;
  readonly view: Pick<ChatView, 'setStatus' | 'showEnd'>;
  /** Leaves the server alone from now on. */
  readonly stop: () => void;
  /** Called when the session is gone for good. */
  readonly onForgotten: () => void;
}

/** Every way in which a chat ends for this tab; whichever comes first. */
export interface Ending {
  /** The server has nothing more to say. */
  received(end: Exclude<ReceiverEnd, 'superseded'>): void;
  /** The keys are gone: closes the chat, too. */
  keysLost: () => Promise<void>;
  /** Ends when the lifetime is over, whatever the server says. */
  endInTime(): void;
  /** Closes the chat for both; the end follows when the last words are read. Rejects with a Failure. */
  close: () => Promise<void>;
}

// Timers run out at once beyond this; no chat lives that long.
const LONGEST_TIMER_MS = 2 ** 31;

/** Creates the end of one chat. */
export function createEnding(options: EndingOptions): Ending {
  const { session, storage, life, conversation, api, clock, view } = options;

  const end = (text: string): void => {
    if (life.isOver()) return;
    life.end();
    options.stop();
    options.deliveries.end();
    // What is still to be kept goes first, or it would come after the end.
    void conversation.written();
    clearSession(storage);
    options.onForgotten();
    view.setStatus('closed');
    view.showEnd(text);
  };

  return {
    received(reason) {
      end(reason === 'closed' ? t('end.closed') : t('end.removed'));
    },
    async keysLost() {
      if (life.isOver()) return;
      // Talker would wait for nobody.
      await api.close(session).catch(() => undefined);
      end(t('end.keysLost'));
    },
    endInTime() {
      const leftMs = session.endsAt - clock.now();
      if (leftMs >= LONGEST_TIMER_MS) return;
      clock.after(Math.max(0, leftMs), () => {
        end(t('end.removed'));
      });
    },
    async close() {
      try {
        await api.close(session);
        options.channel.retryReceiving();
      } catch (thrown) {
        const failure = toFailure(thrown);
        if (failure.code !== refusals.unauthorized.code) throw failure;
        end(t('end.removed'));
      }
    },
  };
}
