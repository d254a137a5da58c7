import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultyProxy, type FaultyProxy } from '../../support/faulty-proxy.ts';
import { judge, verdicts, type Verdict } from '../history/judge.ts';
import type { History } from '../history/history.ts';
import { Conversation, type Way } from './conversation.ts';
import { Wire } from './wire.ts';

export interface StageOptions {
  readonly seed: number;
  /** Conversations at once. */
  readonly chats: number;
  /** Messages of each side of a conversation. */
  readonly messages: number;
  readonly paceMs: number;
}

/** What became of all conversations so far. */
export interface Tally {
  accepted: number;
  conversations: number;
  readonly verdicts: Record<Verdict, string[]>;
  /** What no rule forbids and no fault explains. */
  readonly surprises: string[];
  /** Of conversations with which something was wrong. */
  readonly histories: History[];
}

/** Numbers from 0 to 1 that a seed reproduces (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A third of the participants speak a protocol of a gateway. */
const wayOf = (random: () => number): Way => {
  const choice = random();
  if (choice < 0.7) return 'rest';
  return choice < 0.85 ? 'nereid' : 'gradagenda';
};

/** Keeps so many conversations going, one after the other, through a proxy, and judges each at its end. */
export class Stage {
  readonly proxy: FaultyProxy;
  readonly wire: Wire;
  readonly random: () => number;
  readonly tally: Tally = {
    accepted: 0,
    conversations: 0,
    verdicts: Object.fromEntries(
      verdicts.map((verdict) => [verdict, []]),
    ) as unknown as Tally['verdicts'],
    surprises: [],
    histories: [],
  };
  readonly #options: StageOptions;
  readonly #going = new Set<Conversation>();
  readonly #stopping = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  private constructor(proxy: FaultyProxy, options: StageOptions) {
    this.proxy = proxy;
    this.wire = new Wire(() => proxy.origin);
    this.random = randomFrom(options.seed);
    this.#options = options;
  }

  static async open(options: StageOptions): Promise<Stage> {
    return new Stage(await startFaultyProxy(), options);
  }

  start(): void {
    this.#loops = Promise.all(Array.from({ length: this.#options.chats }, () => this.#loop()));
  }

  /** Lets all conversations come to their end. */
  async finish(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
    await this.wire.close();
    await this.proxy.close();
  }

  /** In every history that is being written. */
  note(event: { type: 'crashed' } | { type: 'disturbed'; what: string }): void {
    for (const { recorder } of this.#going) recorder.note(event);
  }

  /** Does it to so many conversations. */
  disturb(what: 'reload' | 'secondTab', share: number): number {
    const chosen = [...this.#going].filter(() => this.random() < share);
    for (const conversation of chosen) conversation.disturb(what);
    return chosen.length;
  }

  surprise(what: string): void {
    this.tally.surprises.push(what);
  }

  /** Resolves when so many messages have been accepted in all. */
  async accepted(count: number): Promise<void> {
    while (this.tally.accepted < count) await sleep(20);
  }

  async #loop(): Promise<void> {
    while (!this.#stopping.signal.aborted) await this.#converse();
  }

  async #converse(): Promise<void> {
    const { messages, paceMs } = this.#options;
    this.tally.conversations += 1;
    const conversation = new Conversation({
      number: this.tally.conversations,
      wire: this.wire,
      ways: { creator: wayOf(this.random), joiner: wayOf(this.random) },
      messages,
      paceMs,
      random: this.random,
      signal: this.#stopping.signal,
      onAccepted: (count) => (this.tally.accepted += count),
      onSurprise: (what) => {
        this.surprise(what);
      },
    });
    this.#going.add(conversation);
    const surprises = this.tally.surprises.length;
    const isRead = await conversation.run();
    this.#going.delete(conversation);
    const { recorder } = conversation;
    if (!isRead) this.surprise(`${recorder.chat} was not read to its end in time`);
    this.#judge(recorder, this.tally.surprises.length > surprises);
  }

  #judge(history: History, isSurprising: boolean): void {
    // Ids begin with the name of their chat.
    const chatOf = (id: string) => /^c\d+(?=\.)/.exec(id)?.[0];
    const judgement = judge(history, { chatOf });
    let isWrong = isSurprising;
    for (const verdict of verdicts) {
      const found = judgement[verdict];
      this.tally.verdicts[verdict].push(...found.map((what) => `${history.chat}: ${what}`));
      isWrong ||= found.length > 0;
    }
    if (isWrong && this.tally.histories.length < 20) this.tally.histories.push(history);
  }
}
