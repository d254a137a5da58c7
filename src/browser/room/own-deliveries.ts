import type { Stage } from '../../client/connection/deliveries.ts';
import type { Line } from '../../client/connection/line.ts';
import { t } from '../../messages/translate.ts';
import type { Conversation } from '../session/conversation.ts';
import type { Entry } from '../session/transcript.ts';
import type { ChatView, Delivery } from './chat-view.ts';

export interface OwnDeliveriesOptions {
  readonly conversation: Conversation;
  readonly outbox: Line['outbox'];
  readonly view: Pick<ChatView, 'setDelivery' | 'setUnsent'>;
  /** Whether sending is in trouble. */
  readonly isHeldUp: () => boolean;
}

/** How far one's own messages have come, as a person reads or hears it. */
export interface OwnDeliveries {
  /** What the server does not have yet. */
  unsent(): readonly Entry[];
  /** These were just written. */
  written(entries: readonly Entry[]): void;
  /** What is unsent waits from now on, or is on its way. */
  heldUpChanged: () => void;
  reached: (id: string, stage: Stage) => void;
  /**
   * The server will never take it.
   *
   * @param said why, as long as the page is not loaded anew; `reason` by default
   */
  refuse(id: string, reason: string, said?: string): void;
  /** Shows anew how far all of them have come, after a reload or another tab. */
  restore(): void;
  /** The chat is over: what is unsent stays so. */
  end(): void;
}

const sendingDelivery = (): Delivery => ({ kind: 'sending', text: t('delivery.sending') });
const waitingDelivery = (): Delivery => ({ kind: 'waiting', text: t('delivery.waiting') });
const stageDelivery = (stage: Stage): Delivery => ({ kind: stage, text: t(`delivery.${stage}`) });
const refusedDelivery = (reason: string): Delivery => ({
  kind: 'refused',
  text: t('delivery.refused', { reason }),
});

/** Shows them from the conversation on. */
export function createOwnDeliveries(options: OwnDeliveriesOptions): OwnDeliveries {
  const { conversation, outbox, view } = options;
  let isOver = false;

  const unsent = (): readonly Entry[] =>
    conversation.own().filter(({ stage, refused }) => stage === undefined && refused === undefined);

  const count = (): void => {
    view.setUnsent(isOver ? 0 : unsent().length);
  };

  const markUnsent = (delivery: Delivery): void => {
    for (const { id } of unsent()) view.setDelivery(id, delivery);
  };

  /** What is in no outbox was being written when the page went away. */
  const refuseLost = (): void => {
    const pending = outbox.pending().map(({ _id }) => _id);
    for (const { id } of unsent())
      if (!pending.includes(id)) conversation.refuse(id, t('refused.neverLeft'));
  };

  const pendingDelivery = (): Delivery =>
    options.isHeldUp() ? waitingDelivery() : sendingDelivery();

  return {
    unsent,
    written(entries) {
      for (const { id } of entries) view.setDelivery(id, pendingDelivery());
      count();
    },
    heldUpChanged() {
      markUnsent(pendingDelivery());
    },
    reached(id, stage) {
      view.setDelivery(id, stageDelivery(stage));
      if (stage === 'sent') count();
    },
    refuse(id, reason, said = reason) {
      conversation.refuse(id, reason);
      view.setDelivery(id, refusedDelivery(said));
      count();
    },
    restore() {
      refuseLost();
      for (const { id, refused, stage } of conversation.own()) {
        if (refused !== undefined) view.setDelivery(id, refusedDelivery(refused));
        else if (stage) view.setDelivery(id, stageDelivery(stage));
      }
      markUnsent(waitingDelivery());
      count();
    },
    end() {
      isOver = true;
      markUnsent(refusedDelivery(t('refused.over')));
      count();
    },
  };
}
