import type { Redis } from 'ioredis';
import { ANYTHING, type Changes } from '../../chat/wake-bus.ts';
import { within } from '../../process/time-limit.ts';
import { chunks } from './chunks.ts';

/** Milliseconds that a new listener waits for Redis to confirm its subscription. */
const CONFIRMATION_TIMEOUT_MS = 250;

/**
 * Milliseconds that a channel stays subscribed after its last listener. A client polls again as soon as
 * it has an answer: it then finds the subscription in place, which spares Redis two commands and the
 * client a round trip for every poll. At the most it brings some wake-ups that nobody waits for.
 */
const LINGER_MS = 5000;

/** Milliseconds between two checks of what lingers and what was not confirmed. */
const UPKEEP_INTERVAL_MS = 1000;

type Listener = (changes: Changes) => void;

interface Channel {
  readonly listeners: Set<Listener>;
  /** Resolves when Redis has confirmed, or cannot now; never rejects. */
  confirmed: Promise<unknown>;
  /** Names all that has come over it until now; 0 until it is confirmed. */
  mark: number;
  /** What is kept for each memory, by its number. */
  readonly kept: unknown[];
}

/**
 * The channels that one process listens to, over one connection. They outlive the connection: when it
 * comes back they are subscribed anew, and every listener is called once, because what it waited for may
 * have been published in between.
 */
export class RedisSubscriptions {
  readonly #redis: Redis;
  readonly #always: string;
  readonly #channels = new Map<string, Channel>();
  /** Channels without listeners and since when (ms), the longest first. */
  readonly #lingering = new Map<string, number>();
  /** New channels for the next command: what begins in the same moment is subscribed at once. */
  #unsent: string[] = [];
  #sending: Promise<unknown> | null = null;
  #isComplete = false;
  #lastMark = 0;
  /** What ends that which is kept, for each memory. */
  readonly #endings: Changes[] = [];
  #isRenewing = false;
  readonly #upkeep: NodeJS.Timeout;

  /**
   * @param redis the connection to subscribe on, for nothing else; closed by whoever opened it
   * @param always a channel that is subscribed whether or not anybody listens to it
   */
  constructor(redis: Redis, always: string) {
    this.#redis = redis;
    this.#always = always;
    redis.on('message', (channel: string, message: string) => {
      this.onMessage?.(channel, message);
    });
    redis.on('ready', () => void this.#subscribeAnew());
    redis.on('close', () => {
      this.#isComplete = false;
      for (const channel of this.#channels.values()) {
        channel.mark = 0;
        channel.kept.fill(undefined);
      }
    });
    this.#upkeep = setInterval(() => {
      this.#maintain();
    }, UPKEEP_INTERVAL_MS).unref();
    if (redis.status === 'ready') void this.#subscribeAnew();
  }

  /** Called for each message on a channel that is subscribed. */
  onMessage: ((channel: string, message: string) => void) | null = null;

  /** Whether everything that is listened to is subscribed. */
  isComplete(): boolean {
    return this.#isComplete && this.#redis.status === 'ready';
  }

  /** Resolves when messages of this channel arrive here for certain, or soon if they cannot now. */
  async add(name: string, listener: Listener): Promise<() => void> {
    const channel = this.#channels.get(name) ?? this.#open(name);
    channel.listeners.add(listener);
    this.#lingering.delete(name);
    await within(CONFIRMATION_TIMEOUT_MS, channel.confirmed, () => undefined);
    return () => {
      const isLast = channel.listeners.delete(listener) && channel.listeners.size === 0;
      if (isLast) this.#lingering.set(name, Date.now());
    };
  }

  /** Calls whoever listens to this channel in this process, except one. */
  ring(name: string, changes: Changes, except?: Listener): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    for (const [memory, endedBy] of this.#endings.entries())
      if ((changes & endedBy) !== 0) channel.kept[memory] = undefined;
    if (channel.mark > 0) channel.mark = ++this.#lastMark;
    // A copy: a listener may stop listening while it is being told.
    for (const listener of [...channel.listeners]) {
      if (listener !== except) listener(changes);
    }
  }

  /** Calls whoever listens to anything: nobody knows what they have missed. */
  ringAll(): void {
    for (const name of [...this.#channels.keys()]) this.ring(name, ANYTHING);
  }

  /** Stands for all that has come over a channel until now; `null`: what comes does not arrive here. */
  mark(name: string): number | null {
    const mark = this.#channels.get(name)?.mark ?? 0;
    return mark > 0 && this.isComplete() ? mark : null;
  }

  /** Makes a memory, by a number: what is kept in it ends with a message that says one of these changes. */
  addMemory(endedBy: Changes): number {
    return this.#endings.push(endedBy) - 1;
  }

  /** Keeps something in a memory for as long as nothing ends it; not when anything has come since the mark. */
  keep(memory: number, name: string, mark: number | null, value: unknown): void {
    const channel = this.#channels.get(name);
    if (channel !== undefined && mark !== null && this.mark(name) === mark)
      channel.kept[memory] = value;
  }

  kept(memory: number, name: string): unknown {
    return this.isComplete() ? this.#channels.get(name)?.kept[memory] : undefined;
  }

  stop(): void {
    clearInterval(this.#upkeep);
    this.#channels.clear();
    this.#lingering.clear();
  }

  #open(name: string): Channel {
    const channel: Channel = {
      listeners: new Set(),
      confirmed: Promise.resolve(),
      mark: 0,
      // Not one that grows: the engine would make room for 17.
      kept: new Array<unknown>(this.#endings.length),
    };
    this.#channels.set(name, channel);
    if (this.#redis.status === 'ready') {
      this.#unsent.push(name);
      this.#sending ??= Promise.resolve().then(() => this.#sendUnsent());
      channel.confirmed = this.#sending;
    }
    return channel;
  }

  #sendUnsent(): Promise<unknown> {
    const names = this.#unsent;
    this.#unsent = [];
    this.#sending = null;
    return this.#subscribe(names);
  }

  async #subscribe(names: readonly string[]): Promise<boolean> {
    try {
      await Promise.all(chunks(names).map((chunk) => this.#redis.subscribe(...chunk)));
      for (const name of names) {
        const channel = this.#channels.get(name);
        if (channel !== undefined) channel.mark = ++this.#lastMark;
      }
      return true;
    } catch {
      // Upkeep tries again, or the next connection does; until then iterations find the messages.
      this.#isComplete = false;
      return false;
    }
  }

  async #subscribeAnew(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const names = [...this.#channels.keys()];
    const confirmed = this.#subscribe([this.#always, ...names]);
    for (const channel of this.#channels.values()) channel.confirmed = confirmed;
    this.#isComplete = await confirmed;
    this.#isRenewing = false;
    if (this.#isComplete) for (const name of names) this.ring(name, ANYTHING);
  }

  #maintain(): void {
    if (this.#redis.status !== 'ready') return;
    if (!this.#isComplete) void this.#subscribeAnew();
    this.#dropLingering();
  }

  #dropLingering(): void {
    const names: string[] = [];
    for (const [name, since] of this.#lingering) {
      if (Date.now() - since < LINGER_MS) break;
      this.#lingering.delete(name);
      this.#channels.delete(name);
      names.push(name);
    }
    for (const chunk of chunks(names)) {
      this.#redis.unsubscribe(...chunk).catch(() => undefined);
    }
  }
}
