import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultyProxy, type FaultyProxy } from '../../support/faulty-proxy.ts';
import { judge, verdicts, type Verdict } from '../history/judge.ts';
import type { History } from '../history/history.ts';
import { Conversation, type Way } from './conversation.ts';
import { Wire } from './wire.ts';

/** What may be noted in every history. */
type Disturbance =
  { readonly type: 'crashed' } | { readonly type: 'disturbed'; readonly what: string };

/** Histories that are kept of broken promises, and as many of what only surprised. */
const MOST_KEPT = 20;

/** Milliseconds between two looks whether the machine has time for us, and by which one may be late. */
const LOOK_MS = 250;
const BUSY_MS = 1000;

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
  /** Of conversations with which something was wrong; of those with surprises only where there is room. */
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
  #watch: NodeJS.Timeout | undefined;
  #loops: Promise<unknown> = Promise.resolve();

  private constructor(proxy: FaultyProxy, options: StageOptions) {
    this.proxy = proxy;
    // Where one has to wait, nobody is answered in time.
    this.wire = new Wire(
      () => proxy.origin,
      (what) => {
        this.note({ type: 'disturbed', what });
      },
    );
    this.random = randomFrom(options.seed);
    this.#options = options;
  }

  static async open(options: StageOptions): Promise<Stage> {
    return new Stage(await startFaultyProxy(), options);
  }

  start(): void {
    this.#watchMachine();
    this.#loops = Promise.all(Array.from({ length: this.#options.chats }, () => this.#loop()));
  }

  /** Lets all conversations come to their end. */
  async finish(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
    clearInterval(this.#watch);
    await this.wire.close();
    await this.proxy.close();
  }

  /** In every history that is being written. */
  note(event: Disturbance): void {
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

  /** What a fault has found out by itself, in chats of no conversation. */
  broken(verdict: Verdict, what: string): void {
    this.tally.verdicts[verdict].push(what);
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
    let isSurprising = false;
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
        isSurprising = true;
        this.surprise(what);
      },
    });
    this.#going.add(conversation);
    const isRead = await conversation.run();
    this.#going.delete(conversation);
    const { recorder } = conversation;
    if (!isRead) {
      recorder.note({ type: 'unread' });
      isSurprising = true;
      this.surprise(`${recorder.chat} was not read to its end in time`);
    }
    this.#judge(recorder, isSurprising);
  }

  #judge(history: History, isSurprising: boolean): void {
    // Ids begin with the name of their chat.
    const chatOf = (id: string) => /^c\d+(?=\.)/.exec(id)?.[0];
    const judgement = judge(history, { chatOf });
    let isWrong = false;
    for (const verdict of verdicts) {
      const found = judgement[verdict];
      this.tally.verdicts[verdict].push(...found.map((what) => `${history.chat}: ${what}`));
      isWrong ||= found.length > 0;
    }
    if (isWrong) this.#keep(history, 2 * MOST_KEPT);
    else if (isSurprising) this.#keep(history, MOST_KEPT);
  }

  #keep(history: History, most: number): void {
    if (this.tally.histories.length < most) this.tally.histories.push(history);
  }

  /** A machine that has no time for this process has none for the service: nothing is in time then. */
  #watchMachine(): void {
    let last = performance.now();
    this.#watch = setInterval(() => {
      const late = performance.now() - last - LOOK_MS;
      last = performance.now();
      if (late > BUSY_MS)
        this.note({ type: 'disturbed', what: `no time for ${late.toFixed(0)} ms` });
    }, LOOK_MS);
  }
}
