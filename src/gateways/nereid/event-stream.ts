import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Participant } from '../../chat/chat.ts';
import type { Clock } from '../../chat/clock.ts';
import type { Delivery, Known } from '../../chat/delivery.ts';
import type { Ending, Listener, LiveReceiver } from '../receivers.ts';
import {
  envelopeOf,
  frameOf,
  messageStanza,
  presenceOf,
  presenceStanza,
  type Stanza,
} from './stanzas.ts';

/** Milliseconds between two comments: they keep proxies from cutting, and prove what came before. */
const COMMENT_INTERVAL_MS = 15_000;

/** Comments in a row that could not be written because the client does not read, until it counts as gone. */
const MOST_STALLED = 2;

/** Milliseconds after which a client comes back whose stream has ended. */
const RETRY_MS = 2000;

/** The same for one whose place another receiver has taken: a day, longer than any chat. */
const SUPERSEDED_RETRY_MS = 86_400_000;

/** The last words of a stream. An event of a type of its own is ignored by whoever does not listen for it. */
const lastWords: Readonly<Record<Exclude<Ending, 'client gone'>, string>> = {
  closed: ': closed\n\n',
  gone: ': gone\n\n',
  superseded: `event: superseded\nretry: ${SUPERSEDED_RETRY_MS}\ndata: {}\n\n`,
  stopping: `: stopping\nretry: ${RETRY_MS}\n\n`,
  unavailable: `: unavailable\nretry: ${RETRY_MS}\n\n`,
};

export interface EventStreamOptions {
  readonly res: ServerResponse;
  readonly clock: Clock;
  readonly participant: Participant;
  /** The client takes several stanzas as one ("Example of a complete stanza"). */
  readonly isEnvelopeWanted: boolean;
}

/** One open stream: what is due becomes events, and what has drained becomes a proof. */
export class EventStream implements Listener {
  readonly #options: EventStreamOptions;
  #receiver: LiveReceiver | undefined;
  #cancelTimer: () => void = () => undefined;
  /** The presence that the client knows; `null` while it knows none. */
  #presence: string | null = null;
  /** The mark of what has been written, and left for the client. */
  #drained = 0;
  #isCommentPending = false;
  #stalled = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  begin(receiver: LiveReceiver, headers: OutgoingHttpHeaders): void {
    const { res } = this.#options;
    this.#receiver = receiver;
    res.writeHead(200, headers);
    res.write(`retry: ${RETRY_MS}\n\n`);
    this.#schedule(COMMENT_INTERVAL_MS, () => {
      this.#comment();
    });
  }

  deliver(delivery: Delivery): void {
    const { participant, clock, isEnvelopeWanted } = this.#options;
    const stanzas = [
      ...this.#changedPresence(delivery),
      ...delivery.messages.map((message) => messageStanza(participant, message)),
    ];
    if (stanzas.length === 0) return;
    const due =
      isEnvelopeWanted && stanzas.length > 1 ? [envelopeOf(stanzas, clock.now())] : stanzas;
    const mark = this.#receiver?.mark() ?? 0;
    this.#write(due.map(frameOf).join(''), () => {
      this.#drained = mark;
    });
  }

  /** Whoever does not read is not told of every coming and going: it would have to be kept for them. */
  knows({ talker }: Delivery): Known {
    return this.#options.res.writableNeedDrain ? {} : { present: talker.present };
  }

  ended(ending: Ending): void {
    this.#cancelTimer();
    const { res } = this.#options;
    if (ending === 'client gone' || res.destroyed) return;
    res.end(lastWords[ending]);
    // A client that does not read would keep it for ever.
    this.#schedule(COMMENT_INTERVAL_MS * MOST_STALLED, () => {
      res.destroy();
    });
  }

  clientHasGone(): void {
    this.#cancelTimer();
    this.#receiver?.end();
  }

  #changedPresence({ status, talker }: Delivery): Stanza[] {
    const { participant, clock, res } = this.#options;
    const present = status === 'draft' ? [] : [presenceOf(participant, talker.present)];
    const presence = JSON.stringify(present);
    if (presence === this.#presence || res.writableNeedDrain) return [];
    this.#presence = presence;
    return [presenceStanza(present, clock.now())];
  }

  /** What had drained before the comment has arrived as soon as the comment has drained, too. */
  #comment(): void {
    this.#schedule(COMMENT_INTERVAL_MS, () => {
      this.#comment();
    });
    if (this.#isCommentPending) {
      this.#stalled += 1;
      if (this.#stalled >= MOST_STALLED) this.#options.res.destroy();
      return;
    }
    const drained = this.#drained;
    this.#isCommentPending = true;
    this.#stalled = 0;
    this.#write(':\n\n', () => {
      this.#isCommentPending = false;
      void this.#receiver?.arrived(drained);
    });
  }

  #write(text: string, onDrained: () => void): void {
    this.#options.res.write(text, (error) => {
      if (error == null) onDrained();
    });
  }

  #schedule(milliseconds: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(milliseconds, run);
  }
}
