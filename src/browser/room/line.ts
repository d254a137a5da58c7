import type { SecureEvent, SentText, WordNumbers } from '../../crypto/index.ts';
import type { IncomingMessage } from '../api/answers.ts';
import type { NewLine } from '../session/conversation.ts';
import type { Outbox } from '../session/outbox.ts';

/** What came of an inbox. */
export interface Reading {
  readonly lines: readonly NewLine[];
  readonly events: readonly SecureEvent[];
}

/** How it stands with the encryption. */
export type Secrecy =
  | { readonly kind: 'plain' | 'exchanging' }
  | { readonly kind: 'failed'; readonly canRetry: boolean }
  | { readonly kind: 'encrypted'; readonly words: WordNumbers; readonly compared: boolean };

/** How texts become messages and messages become lines: as they are, or encrypted. */
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
    read: (messages) => Promise.resolve({ lines: messages.map(plainLine), events: [] }),
    frameOf: () => undefined,
    isConfirmed: () => false,
    exchangeAnew: nothing,
    setCompared: nothing,
  };
}

/** A message as it stands. */
export const plainLine = ({ _id, msg, system }: IncomingMessage): NewLine => ({
  id: _id,
  author: system ? 'system' : 'talker',
  text: msg,
});
