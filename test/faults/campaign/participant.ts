import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome, Recorder, Said } from '../history/history.ts';
import type { Tokens, Wire } from './wire.ts';

export type Role = 'creator' | 'joiner';

/** A message on its way, with the id that its client has made. */
export interface Outgoing extends Said {
  readonly wireId: string;
}

export interface ParticipantOptions {
  readonly wire: Wire;
  readonly recorder: Recorder;
  readonly role: Role;
  readonly tokens: Tokens;
  /** From 0 to 1, reproducible. */
  readonly random: () => number;
  /** Something that no fault explains. */
  readonly onSurprise: (what: string) => void;
  readonly onAccepted: (messages: number) => void;
}

/** How an attempt to send ended; after `over` there will be no other. */
export type SendOutcome = Outcome | 'over';

/** Somebody in a chat as the campaign sees them, whatever protocol they speak. */
export interface Participant {
  readonly tokens: Tokens;
  /** Messages that it has shown. */
  readonly shown: ReadonlySet<string>;
  /** One attempt. */
  send(batch: readonly Outgoing[]): Promise<SendOutcome>;
  /** Reads until {@link Participant.stop}. */
  start(): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
  /** What a reload of the page does: gives up what is under way and begins anew. */
  reload(): void;
  /** Begins a second time beside the first. */
  secondTab(): void;
}

/** The id of a message is the first word of its text, which names chat, sender and number. */
export const saidIn = (text: string): Said => ({ id: text.split(' ', 1)[0] ?? '', text });

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 300;

/** Waits between attempts: longer from failure to failure, never the same for two clients. */
export class Patience {
  readonly #random: () => number;
  #next = FIRST_WAIT_MS;

  constructor(random: () => number) {
    this.#random = random;
  }

  reset(): void {
    this.#next = FIRST_WAIT_MS;
  }

  async pause(signal?: AbortSignal): Promise<void> {
    const milliseconds = this.#next * (0.5 + this.#random());
    this.#next = Math.min(this.#next * 2, LONGEST_WAIT_MS);
    await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}

/** Codes of a service that is busy, or that a request did not reach whole in time: to be repeated. */
export const isPassing = (code: number): boolean => [408, 429, 503].includes(code);
