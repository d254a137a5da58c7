import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../../src/chat/chat.ts';
import type { Fault } from './faults.ts';
import { emptyInbox } from './pairs.ts';
import { until, type Supervised } from './processes.ts';
import type { Stage } from './stage.ts';
import { Wire, type Tokens } from './wire.ts';

/** Polls that are held when a server is told to stop. */
const HELD_POLLS = 500;

/** Drafts that are created at once. */
const AT_ONCE = 25;

/** Milliseconds between two attempts while the database is broken. */
const PAUSE_MS = 100;

/** Milliseconds that a poll is waited for: longer than it is held. */
const PATIENCE_MS = 400_000;

/**
 * SIGTERM while polls are held: all of them are answered 200, and the process ends by itself. Where the database is
 * broken meanwhile, 503 is an answer, too, but only to a poll that was never read.
 */
export const stopUnderHeldPolls = (options: {
  readonly stage: Stage;
  readonly web: Supervised;
}): Fault => ({
  name: `SIGTERM under ${HELD_POLLS} held polls`,
  run: async () => {
    const { stage, web } = options;
    // Nothing but the end of the server ends one.
    await web.start({ LONG_POLLING_SLEEP: '60', LONG_POLLING_ITERATION: '5' });
    const wire = new Wire(() => web.origin);
    const drafts = await holdPolls(wire);
    await until(async () => (await heldPolls(web)) === HELD_POLLS, 'all polls are held');
    for (let at = 0; at < drafts.length; at += AT_ONCE)
      await Promise.all(drafts.slice(at, at + AT_ONCE).map((draft) => draft.look()));
    for (const draft of drafts) draft.expectStop();
    const code = await web.end('SIGTERM');
    await Promise.all(drafts.map(({ polling }) => polling));
    await wire.close();
    const wrong = drafts.filter(({ isAsPromised }) => !isAsPromised).map((draft) => draft.code);
    if (code !== 0) stage.surprise(`a server that was told to stop ended with ${String(code)}`);
    if (wrong.length > 0)
      stage.surprise(
        `of ${HELD_POLLS} polls that a server held when it stopped ${wrong.length} were answered ${[...new Set(wrong)].join()}`,
      );
    const answered = drafts.filter((draft) => draft.code === 200).length;
    return `${answered} answered 200, exit code ${String(code)}`;
  },
});

async function heldPolls({ origin }: Supervised): Promise<number> {
  const answer = await fetch(`${origin}/metrics`);
  return Number(/^sfchat_held_polls (\d+)/m.exec(await answer.text())?.[1]);
}

async function holdPolls(wire: Wire): Promise<HeldDraft[]> {
  const drafts: HeldDraft[] = [];
  while (drafts.length < HELD_POLLS)
    drafts.push(
      ...(await Promise.all(Array.from({ length: AT_ONCE }, () => HeldDraft.begin(wire)))),
    );
  return drafts;
}

/** Somebody who polls in a draft that nobody writes to. */
class HeldDraft {
  /** Of the last answer; 0: there was none. */
  code = 0;
  /** Resolves when the server has stopped. */
  readonly polling: Promise<void>;
  readonly #wire: Wire;
  readonly #tokens: Tokens;
  #isStopping = false;
  /** Which of its polls is held, and which was held already when its inbox was read by another request. */
  #number = 0;
  #read = 0;

  private constructor(wire: Wire, tokens: Tokens) {
    this.#wire = wire;
    this.#tokens = tokens;
    this.polling = this.#poll();
  }

  /** As soon as the storage is there. */
  static async begin(wire: Wire): Promise<HeldDraft> {
    for (;;) {
      const tokens = { chatToken: newToken(), userToken: newToken() };
      try {
        const { code } = await wire.call('POST', 'chat.json', { tokens });
        if (code === 201 && (await emptyInbox(wire, tokens))) return new HeldDraft(wire, tokens);
      } catch {
        // No answer: another one.
      }
      await sleep(PAUSE_MS);
    }
  }

  get isAsPromised(): boolean {
    const wasNeverRead = this.#read !== this.#number;
    return this.code === 200 || (this.code === 503 && wasNeverRead);
  }

  /** Reads the inbox: what was asked for the poll before that has been answered by then. */
  async look(): Promise<void> {
    const number = this.#number;
    const code = await this.#get('messages.json?longPolling=false');
    if (code === 200) this.#read = number;
  }

  /** From now on an answer is the last one. */
  expectStop(): void {
    this.#isStopping = true;
  }

  /** Again and again: while the database is broken a poll may be answered 503. */
  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      this.#number += 1;
      this.code = await this.#get('messages.json');
      await sleep(PAUSE_MS);
    }
  }

  async #get(resource: string): Promise<number> {
    const call = { tokens: this.#tokens, patienceMs: PATIENCE_MS };
    return this.#wire.call('GET', resource, call).then(
      ({ code }) => code,
      () => 0,
    );
  }
}
