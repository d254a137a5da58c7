import type { SecureEvent, SentText, WordNumbers } from '../../crypto/index.ts';
import type { SystemEvent } from '../../protocol.ts';
import type { IncomingMessage } from '../api/answers.ts';
import type { Outbox } from './outbox.ts';

/** What a message turned out to be; an envelope may be several of these, or none. */
export type News =
  /** The server says something. */
  | {
      readonly kind: 'system';
      readonly id: string;
      readonly text: string;
      readonly event?: SystemEvent;
    }
  /** The talker says something in a plain chat. */
  | { readonly kind: 'plain'; readonly id: string; readonly text: string }
  /** What the message with this id did in an encrypted chat. */
  | { readonly kind: 'secure'; readonly id: string; readonly event: SecureEvent };

/** What came of an inbox, in the order in which a person should learn of it. */
export type Reading = readonly News[];

/** What an inbox did to the encryption. */
export const secureEventsOf = (reading: Reading): readonly SecureEvent[] =>
  reading.flatMap((news) => (news.kind === 'secure' ? [news.event] : []));

/** What makes news the same news when they come again; never an id alone that the server may use twice. */
export function keyOf(news: News): string {
  if (news.kind !== 'secure') return news.id;
  const { event } = news;
  switch (event.type) {
    case 'text':
      return `${event.epoch}.${event.sequence}`;
    case 'missing':
      return `${event.epoch}.${event.from}.missing`;
    case 'secured':
      return `${event.epoch}.secured`;
    default:
      return `${news.id}.${event.type}`;
  }
}

/** How it stands with the encryption. */
export type Secrecy =
  | { readonly kind: 'plain' | 'exchanging' }
  | { readonly kind: 'failed'; readonly canRetry: boolean }
  | { readonly kind: 'encrypted'; readonly words: WordNumbers; readonly compared: boolean };

/** How texts become messages, and messages become news: as they are, or encrypted. */
export interface Line {
  /** What the server has not accepted yet. */
  readonly outbox: Pick<Outbox, 'pending' | 'remove'>;
  secrecy(): Secrecy;
  /** Looks at what there is now: another tab may have gone on. */
  refresh(): Promise<void>;
  /** The talker is there. */
  begin(): Promise<void>;
  /** Puts a text into the outbox. */
  write(id: string, text: string): Promise<void>;
  /** Opens what arrived. Afterwards it may be shown, kept and acknowledged, in this order. */
  read(messages: readonly IncomingMessage[]): Promise<Reading>;
  /** The frame of a text that was written, as long as it is in the outbox. */
  frameOf(id: string): SentText | undefined;
  /** Whether the talker's frames say that this one was opened. */
  isConfirmed(sent: SentText): boolean;
  /** Tries another handshake. */
  exchangeAnew(): Promise<void>;
  /** The person has compared the words of the keys in use. */
  setCompared(): Promise<void>;
}

/** The line of a plain chat. */
export function createPlainLine(outbox: Outbox): Line {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    outbox,
    secrecy: () => ({ kind: 'plain' }),
    refresh: nothing,
    begin: nothing,
    write(id, text) {
      outbox.add({ _id: id, msg: text });
      return Promise.resolve();
    },
    read: (messages) =>
      Promise.resolve(
        messages.map((message) =>
          message.system
            ? systemNews(message)
            : { kind: 'plain', id: message._id, text: message.msg },
        ),
      ),
    frameOf: () => undefined,
    isConfirmed: () => false,
    exchangeAnew: nothing,
    setCompared: nothing,
  };
}

/** A system message as it stands: it is plain in every chat. */
export const systemNews = ({ _id, msg, event }: IncomingMessage): News => ({
  kind: 'system',
  id: _id,
  text: msg,
  ...(event && { event }),
});
