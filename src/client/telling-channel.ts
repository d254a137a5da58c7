import type { Inbox, Membership } from './api/answers.ts';
import type { Closing } from './closing.ts';
import { createChannel, type Channel } from './connection/channel.ts';
import { keyOf, type Line, type Reading } from './connection/line.ts';
import type { ChatEvent, ClosedReason } from './events.ts';
import { eventsOf } from './news-events.ts';
import type { Parts } from './opening.ts';
import type { OwnDeliveries } from './own-deliveries.ts';

export interface TellingChannelOptions extends Pick<Parts, 'api' | 'clock' | 'makeBackoff'> {
  readonly membership: Membership;
  readonly line: Line;
  readonly deliveries: OwnDeliveries;
  readonly closing: Closing;
  readonly tell: (event: ChatEvent) => void;
  /** What arrived was told; it is acknowledged when this resolves. */
  readonly onRead: (reading: Reading, inbox: Inbox) => Promise<void>;
  readonly onReadFailed: () => void;
  readonly onEnd: (reason: ClosedReason) => void;
}

/** The connection of a program's chat, which tells each thing once, and whether the server answers. */
export function createTellingChannel(options: TellingChannelOptions): Channel {
  const { membership, deliveries, closing, tell, ...rest } = options;
  const told = new Set<string>();
  let isConnected = true;

  const tellNews = (reading: Reading): void => {
    for (const news of reading) {
      const key = keyOf(news);
      if (told.has(key)) continue;
      told.add(key);
      if (news.kind === 'system') closing.note(news.event);
      eventsOf(news).forEach(tell);
    }
  };

  const channel = createChannel({
    ...rest,
    tokens: membership,
    messages: deliveries.messages,
    events: {
      ...deliveries.events,
      onReading(reading, inbox) {
        tellNews(reading);
        return options.onRead(reading, inbox);
      },
      onReadFailed: options.onReadFailed,
      onConnected() {
        if (isConnected) return;
        isConnected = true;
        channel.retrySending();
        tell({ event: 'connection', connected: true });
      },
      onTrying: () => undefined,
      onReceiveWaiting(_failure, retryAt) {
        isConnected = false;
        tell({ event: 'connection', connected: false, retryAt });
      },
      onSent: () => undefined,
      onSendWaiting: () => undefined,
      onEnd(end) {
        options.onEnd(closing.reasonOf(end));
      },
    },
  });
  return channel;
}
