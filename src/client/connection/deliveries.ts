import type { Clock } from '../../chat/clock.ts';
import type { SecureEvent, SentText } from '../../crypto/index.ts';
import type { Line } from './line.ts';

/** How far one's own message has come after the server has accepted it. */
export type Stage =
  | 'sent'
  /** The server says that it gave it to the talker and erased it. */
  | 'delivered'
  /** The talker's own frames say that it was opened. */
  | 'confirmed'
  /** The talker should have confirmed it and has not. */
  | 'unconfirmed'
  /** The same, and it was sent once more. */
  | 'repeated';

/** What is kept of one's own message; no stage before the server has accepted it. */
export interface OwnMessage {
  readonly id: string;
  readonly stage?: Stage;
  /** Its frame in an encrypted chat. */
  readonly sent?: SentText;
}

/** One's own messages, oldest first. */
export interface OwnMessages {
  own(): readonly OwnMessage[];
  setStage(id: string, stage: Stage): void;
  setSent(id: string, sent: SentText): void;
}

export interface DeliveriesOptions {
  messages: OwnMessages;
  line: Pick<Line, 'isConfirmed' | 'frameOf'>;
  clock: Clock;
  onStage: (id: string, stage: Stage) => void;
  /** The server's word and the talker's do not fit together. */
  onContradiction: (id: string) => void;
}

/** What was with the server when it was asked. */
export type Asked = readonly string[];

/** How far one's own messages have come: what the server says of them, and what the talker's frames prove. */
export interface Deliveries {
  accepted: (ids: readonly string[]) => void;
  /** To be called when a poll begins: only of these does its answer surely know. */
  asking: () => Asked;
  /** The server keeps the newest `waiting` messages. */
  answered(asked: Asked, waiting: number): void;
  /** What was opened may confirm, contradict, or make confirmation impossible. */
  opened(events: readonly SecureEvent[]): void;
}

/** Follows one's own messages. */
export function createDeliveries(options: DeliveriesOptions): Deliveries {
  const { messages, line } = options;
  const patience = createPatience(options.clock);

  const setStage = ({ id, stage }: OwnMessage, next: Stage): void => {
    if (stage === next) return;
    messages.setStage(id, next);
    options.onStage(id, next);
  };

  const confirm = (): void => {
    for (const entry of messages.own()) {
      const { sent, stage } = entry;
      if (sent && stage !== 'repeated' && line.isConfirmed(sent)) setStage(entry, 'confirmed');
    }
  };

  const noteUnconfirming = (epoch: number): void => {
    for (const entry of messages.own()) {
      if (entry.stage !== 'delivered' || entry.sent?.epoch !== epoch) continue;
      if (patience.lasts(entry.id)) continue;
      options.onContradiction(entry.id);
      setStage(entry, 'unconfirmed');
    }
  };

  /** Frames of new keys say nothing of messages that were made with old ones. */
  const giveUpBefore = (epoch: number): void => {
    for (const entry of messages.own()) {
      const { sent, stage } = entry;
      if (!sent || sent.epoch >= epoch) continue;
      if (stage === 'sent' || stage === 'delivered') setStage(entry, 'unconfirmed');
    }
  };

  return {
    accepted(ids) {
      const those = new Set(ids);
      for (const entry of messages.own().filter(({ id }) => those.has(id))) {
        const sent = line.frameOf(entry.id);
        if (sent) messages.setSent(entry.id, sent);
        if (entry.stage === undefined) setStage(entry, 'sent');
      }
      confirm();
    },
    asking: () => messages.own().flatMap(({ id, stage }) => (stage === 'sent' ? [id] : [])),
    answered(asked, waiting) {
      const delivered = new Set(asked.slice(0, Math.max(0, asked.length - waiting)));
      for (const entry of messages.own()) {
        if (!delivered.has(entry.id) || entry.stage !== 'sent') continue;
        patience.begin(entry.id);
        setStage(entry, 'delivered');
      }
    },
    opened(events) {
      confirm();
      for (const event of events) {
        if (event.type === 'text') noteUnconfirming(event.epoch);
        if (event.type === 'secured' && event.again) giveUpBefore(event.epoch);
      }
    },
  };
}

/**
 * Frames that do not confirm are a contradiction only from here on: an honest talker may have written some
 * before reading, and sends them when the connection is back.
 */
const TOLERATED_MS = 10_000;
const TOLERATED_FRAMES = 1;

interface Patience {
  /** It counts as delivered from now on. */
  begin(id: string): void;
  /** A frame came that does not confirm it. Answers whether that may still be. */
  lasts(id: string): boolean;
}

function createPatience(clock: Clock): Patience {
  const since = new Map<string, number>();
  const frames = new Map<string, number>();
  const begin = (id: string): void => {
    since.set(id, clock.elapsed());
  };
  return {
    begin,
    lasts(id) {
      const began = since.get(id);
      // Delivered before a reload: the patience begins now.
      if (began === undefined) begin(id);
      if (began === undefined || clock.elapsed() - began < TOLERATED_MS) return true;
      const count = (frames.get(id) ?? 0) + 1;
      frames.set(id, count);
      return count <= TOLERATED_FRAMES;
    },
  };
}
