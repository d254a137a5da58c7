import { newToken } from '../../client/api/token.ts';
import type { Channel } from '../../client/connection/channel.ts';
import type { Line } from '../../client/connection/line.ts';
import { wellFormed } from '../../client/connection/message-text.ts';
import { splitText } from '../../client/connection/split-text.ts';
import { t } from '../../messages/translate.ts';
import type { Conversation } from '../session/conversation.ts';
import type { Entry } from '../session/transcript.ts';
import type { ChatView } from './chat-view.ts';
import type { KeyExchange } from './key-exchange.ts';
import type { ChatLife } from './life.ts';
import type { OwnDeliveries } from './own-deliveries.ts';
import { isOpen, type SecurityWatch } from './security.ts';

export interface SendingOptions {
  readonly life: Pick<ChatLife, 'isLive'>;
  readonly line: Line;
  readonly conversation: Conversation;
  readonly deliveries: OwnDeliveries;
  readonly security: Pick<SecurityWatch, 'now'>;
  readonly keys: Pick<KeyExchange, 'guard'>;
  readonly channel: Pick<Channel, 'send'>;
  readonly view: Pick<ChatView, 'add'>;
  /** Code points in one message at the most. */
  readonly messageMaxLength: number;
}

/** One's own messages on their way from the field into the outbox. */
export interface Sending {
  /** Sends a text, in several messages if it is too long for one. */
  send(text: string): void;
  /** Sends a message that was not confirmed once more. */
  repeat: (id: string) => void;
  /** Sends what another tab had not sent. */
  takeOver(): void;
}

/** Sends for one chat. */
export function createSending(options: SendingOptions): Sending {
  const { life, line, conversation, deliveries, security, channel } = options;

  const writeOne = async ({ id, text }: Entry): Promise<void> => {
    try {
      await line.write(id, text);
    } catch (thrown) {
      deliveries.refuse(id, t('refused.neverLeft'), t('refused.encryption'));
      throw thrown;
    }
    if (life.isLive()) channel.send();
  };

  const write = (texts: readonly string[]): void => {
    const entries = texts.map((text) => conversation.addOwn(newToken(), text));
    options.view.add(entries);
    deliveries.written(entries);
    for (const entry of entries) void options.keys.guard(() => writeOne(entry));
  };

  return {
    send(text) {
      write(splitText(wellFormed(text), options.messageMaxLength));
    },
    repeat(id) {
      const entry = conversation.own().find((own) => own.id === id);
      if (!entry || !isOpen(security.now()) || entry.stage !== 'unconfirmed') return;
      conversation.setStage(id, 'repeated');
      deliveries.reached(id, 'repeated');
      write([entry.text]);
    },
    takeOver() {
      // In a plain chat each tab has an outbox of its own; the ids stay, so nothing is sent twice.
      if (line.secrecy().kind !== 'plain') return;
      const pending = line.outbox.pending().map(({ _id }) => _id);
      for (const entry of deliveries.unsent())
        if (!pending.includes(entry.id)) void writeOne(entry);
    },
  };
}
