import { setTimeout as sleep } from 'node:timers/promises';
import type { Said } from '../history/history.ts';
import {
  isPassing,
  Patience,
  saidIn,
  type Outgoing,
  type Participant,
  type ParticipantOptions,
  type SendOutcome,
} from './participant.ts';
import type { WireAnswer } from './wire.ts';

/** Milliseconds that a poll is waited for: longer than the service under test holds one. */
const POLL_PATIENCE_MS = 40_000;

/** Milliseconds for reading the end of a chat that is closed. */
const LAST_WORDS_MS = 3000;

/** One page that reads: it ends when another of the same participant has taken over. */
interface Tab {
  readonly closed: AbortController;
  done: Promise<void>;
}

/**
 * A participant as the page of SFChat is one: checks before it waits, shows before it acknowledges, repeats what had
 * no answer, and asks anew when a poll of its own that it had given up arrives after the next one.
 */
export class RestParticipant implements Participant {
  readonly tokens;
  readonly shown = new Set<string>();
  readonly #options: ParticipantOptions;
  readonly #tabs = new Set<Tab>();
  readonly #wireIds = new Set<string>();
  #isStopping = false;
  /** Polls that may still be on their way, of which nobody awaits the answer: each may end one that began later. */
  #givenUp = 0;
  #sending = new AbortController();

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.tokens = options.tokens;
  }

  async send(batch: readonly Outgoing[]): Promise<SendOutcome> {
    const { recorder, role, wire, tokens, onAccepted, onSurprise } = this.#options;
    const messages = batch.map(({ id, text }) => ({ id, text }));
    const operation = recorder.invoke({ type: 'send', by: role, messages });
    let answer: WireAnswer;
    try {
      const data = { messages: batch.map(({ wireId, text }) => ({ _id: wireId, msg: text })) };
      answer = await wire.call('POST', 'messages.json', {
        tokens,
        data,
        signal: this.#sending.signal,
      });
    } catch (error) {
      recorder.settle(operation, 'unknown', { why: String(error) });
      return 'unknown';
    }
    const { code } = answer;
    if (code === 202) {
      recorder.settle(operation, 'ok');
      onAccepted(batch.length);
      return 'ok';
    }
    // A 503 may have happened: the answer of the storage is what is missing.
    const outcome = code === 503 || code >= 500 ? 'unknown' : 'failed';
    recorder.settle(operation, outcome, { why: String(code) });
    if (isPassing(code)) return outcome;
    onSurprise(`sending was answered ${code} ${answer.results.msg}`);
    return code === 401 || code === 409 ? 'over' : outcome;
  }

  start(): void {
    const tab: Tab = { closed: new AbortController(), done: Promise.resolve() };
    this.#tabs.add(tab);
    tab.done = this.#read(tab).finally(() => this.#tabs.delete(tab));
  }

  secondTab(): void {
    this.start();
  }

  reload(): void {
    for (const tab of this.#tabs) tab.closed.abort();
    this.#sending.abort();
    this.#sending = new AbortController();
    this.start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const tabs = [...this.#tabs];
    // The chat is closed: whoever reads to its end ends by himself.
    await Promise.race([Promise.all(tabs.map(({ done }) => done)), sleep(LAST_WORDS_MS)]);
    for (const tab of tabs) tab.closed.abort();
    await Promise.all(tabs.map(({ done }) => done));
  }

  async #read(tab: Tab): Promise<void> {
    const { random, recorder, role } = this.#options;
    const patience = new Patience(random);
    const { signal } = tab.closed;
    let isHeld = false;
    while (!signal.aborted) {
      const end = await this.#poll(isHeld, signal);
      if (end === 'again') patience.reset();
      else if (end === 'failed') await patience.pause(signal);
      else {
        recorder.note({ type: 'stopped', by: role, why: end });
        return;
      }
      isHeld = end === 'again';
    }
  }

  async #poll(
    isHeld: boolean,
    signal: AbortSignal,
  ): Promise<'again' | 'failed' | 'superseded' | 'over'> {
    const { recorder, role, wire, tokens } = this.#options;
    const operation = recorder.invoke({ type: 'receive', by: role, isHeld });
    let answer: WireAnswer;
    try {
      answer = await wire.call('GET', `messages.json?longPolling=${isHeld}`, {
        tokens,
        signal,
        patienceMs: POLL_PATIENCE_MS,
      });
    } catch (error) {
      if (isHeld) this.#givenUp += 1;
      recorder.settle(operation, 'unknown', { why: String(error) });
      return 'failed';
    }
    const { code, results } = answer;
    if (code !== 200) {
      recorder.settle(operation, 'failed', { why: `${code} ${results.msg}` });
      // What the storage did not answer may still happen to it, after the poll that follows.
      if (isHeld && code === 503) this.#givenUp += 1;
      return this.#refused(code, results.msg);
    }
    const own = (results.messages ?? []).filter(({ system }) => !system);
    const messages = own.map(({ msg }) => saidIn(msg));
    recorder.settle(operation, 'ok', { messages });
    for (const [index, { _id }] of own.entries()) this.#show(_id, messages[index]);
    const ids = (results.messages ?? []).map(({ _id }) => _id);
    if (ids.length > 0 && !(await this.acknowledge(ids, messages))) return 'failed';
    return results.status === 'closed' ? 'over' : 'again';
  }

  #refused(code: number, msg: string): 'failed' | 'superseded' | 'over' {
    const { onSurprise } = this.#options;
    if (isPassing(code)) return 'failed';
    if (code === 409) {
      // Another tab reads on.
      const open = [...this.#tabs].filter(({ closed }) => !closed.signal.aborted);
      if (open.length > 1) return 'superseded';
      if (this.#givenUp === 0) onSurprise('a poll was superseded by nobody');
      this.#givenUp = Math.max(0, this.#givenUp - 1);
      return 'failed';
    }
    if (!this.#isStopping) onSurprise(`receiving was answered ${code} ${msg}`);
    return code === 401 ? 'over' : 'failed';
  }

  #show(wireId: string, message: Said | undefined): void {
    if (message === undefined || this.#wireIds.has(wireId)) return;
    this.#wireIds.add(wireId);
    this.shown.add(message.id);
    this.#options.recorder.note({ type: 'shown', by: this.#options.role, message });
  }

  /** Whether the server has said that it forgets them; not given up by a reload: the page does not, either. */
  async acknowledge(ids: readonly string[], messages: readonly Said[]): Promise<boolean> {
    const { recorder, role, wire, tokens, onSurprise } = this.#options;
    const operation = recorder.invoke({
      type: 'acknowledge',
      by: role,
      ids: messages.map(({ id }) => id),
    });
    try {
      const data = { messages: ids.map((_id) => ({ _id })) };
      const { code, results } = await wire.call('DELETE', 'messages.json', { tokens, data });
      const outcome = code === 202 ? 'ok' : code >= 500 ? 'unknown' : 'failed';
      recorder.settle(operation, outcome, { why: String(code) });
      if (code !== 202 && !isPassing(code) && !this.#isStopping)
        onSurprise(`acknowledging was answered ${code} ${results.msg}`);
      return code === 202;
    } catch (error) {
      recorder.settle(operation, 'unknown', { why: String(error) });
      return false;
    }
  }
}
