import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../../src/chat/chat.ts';
import { Recorder, type Who } from '../history/history.ts';
import { GradAgendaParticipant, NereidParticipant } from './gateway-participants.ts';
import { isPassing, Patience, type Outgoing, type Participant, type Role } from './participant.ts';
import { RestParticipant } from './rest-participant.ts';
import type { Tokens, Wire } from './wire.ts';

/** Nobody is away as long in a campaign, however slow the machine is; clocks jump further. */
export const ABSENCE_CLOSE_AFTER_S = 1800;

/** The protocols that a participant may hold a conversation in. */
export const ways = {
  rest: RestParticipant,
  nereid: NereidParticipant,
  gradagenda: GradAgendaParticipant,
} as const;

export type Way = keyof typeof ways;

export interface ConversationOptions {
  readonly number: number;
  readonly wire: Wire;
  readonly ways: Readonly<Record<Role, Way>>;
  /** Messages of each side. */
  readonly messages: number;
  /** Milliseconds between two requests of one sender, at the most. */
  readonly paceMs: number;
  readonly random: () => number;
  readonly onAccepted: (messages: number) => void;
  readonly onSurprise: (what: string) => void;
  /** Ends the talking early: what was said is read, and the chat is closed. */
  readonly signal: AbortSignal;
}

/** Milliseconds in which a conversation that has nothing more to say must be read, however much is broken. */
const READ_WITHIN_MS = 90_000;

const MOST_IN_ONE_REQUEST = 8;

/** One chat from its creation to its end, with a stranger who wants to be in it, and its history. */
export class Conversation {
  readonly recorder: Recorder;
  readonly #options: ConversationOptions;
  #participants: Partial<Record<Role, Participant>> = {};

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.recorder = new Recorder(`c${options.number}`);
  }

  /** Does what a person does to a page, to one of the two. */
  disturb(what: 'reload' | 'secondTab'): void {
    const role = this.#options.random() < 0.5 ? 'creator' : 'joiner';
    this.#participants[role]?.[what]();
  }

  #isClosing = false;

  /** Resolves when it is over; whether it was read to its end. */
  async run(): Promise<boolean> {
    const [creator, joiner, stranger] = await this.#seat();
    const two = {
      creator: this.#participant('creator', creator),
      joiner: this.#participant('joiner', joiner),
    };
    this.#participants = two;
    await this.#greet(creator);
    two.creator.start();
    two.joiner.start();
    await Promise.all([this.#talk('creator'), this.#talk('joiner'), this.#pry(stranger)]);
    const isRead = await this.#isRead();
    // Its answer may be long in coming, and whoever has read the end finds the chat gone.
    this.#isClosing = true;
    await this.#close(creator);
    await Promise.all([two.creator.stop(), two.joiner.stop()]);
    return isRead;
  }

  #participant(role: Role, tokens: Tokens): Participant {
    const { wire, random, onAccepted, onSurprise } = this.#options;
    const { recorder } = this;
    const Kind = ways[this.#options.ways[role]];
    return new Kind({
      wire,
      recorder,
      role,
      tokens,
      random,
      onAccepted,
      onSurprise: (what) => {
        if (!this.#isClosing) onSurprise(`${recorder.chat} ${role}: ${what}`);
      },
    });
  }

  /** The creator, and of two who want to join at once the one who is let in; then the other. */
  async #seat(): Promise<[Tokens, Tokens, Tokens]> {
    const chatToken = newToken();
    const creator = { chatToken, userToken: newToken() };
    await this.#until(201, () =>
      this.#options.wire.call('POST', 'chat.json', {
        tokens: creator,
        data: { absenceCloseAfter: ABSENCE_CLOSE_AFTER_S },
      }),
    );
    const candidates = [0, 1].map(() => ({ chatToken, userToken: newToken() }));
    const seated = await Promise.all(
      candidates.map((tokens, index) =>
        this.#join(tokens, index === 0 ? 'strangerA' : 'strangerB'),
      ),
    );
    const joiner = candidates[seated.indexOf(true)];
    const stranger = candidates[seated.indexOf(false)];
    if (joiner === undefined || stranger === undefined) {
      this.#options.onSurprise(
        `${this.recorder.chat}: of two joins ${seated.filter(Boolean).length} succeeded`,
      );
    }
    return [creator, joiner ?? creator, stranger ?? { chatToken, userToken: newToken() }];
  }

  async #join(tokens: Tokens, by: Who): Promise<boolean> {
    const operation = this.recorder.invoke({ type: 'join', by });
    const code = await this.#until([200, 410], () =>
      this.#options.wire.call('PUT', 'chat.json', { tokens }),
    );
    this.recorder.settle(operation, code === 200 ? 'ok' : 'failed', { why: String(code) });
    return code === 200;
  }

  /** Repeats a request until it is answered with one of these codes. */
  async #until(
    codes: number | readonly number[],
    ask: () => Promise<{ readonly code: number }>,
  ): Promise<number> {
    const patience = new Patience(this.#options.random);
    for (;;) {
      try {
        const { code } = await ask();
        if ([codes].flat().includes(code)) return code;
        if (!isPassing(code))
          this.#options.onSurprise(`${this.recorder.chat}: ${code} instead of ${String(codes)}`);
      } catch {
        // No answer: once more.
      }
      await patience.pause();
    }
  }

  /** Something waits in an inbox before anybody reads, and its sender tries to take it back. */
  async #greet(tokens: Tokens): Promise<void> {
    const { wire, random, onAccepted, onSurprise } = this.#options;
    const { recorder } = this;
    const creator = new RestParticipant({
      wire,
      recorder,
      role: 'creator',
      tokens,
      random,
      onAccepted,
      onSurprise,
    });
    const batch = [this.#message('creator', -2), this.#message('creator', -1)];
    if (await this.#deliver(creator, batch)) await this.#deleteOwn(creator, batch);
  }

  async #talk(role: Role): Promise<void> {
    const { messages, random, paceMs, signal } = this.#options;
    const participant = this.#participants[role];
    for (let said = 0; said < messages && !signal.aborted;) {
      const size = Math.min(messages - said, 1 + Math.floor(random() * MOST_IN_ONE_REQUEST));
      const batch = Array.from({ length: size }, (_, index) => this.#message(role, said + index));
      said += size;
      if (!(await this.#deliver(participant, batch))) return;
      if (random() < 0.1) await this.#deleteOwn(participant, batch);
      await sleep(random() * paceMs);
    }
  }

  #message(role: Role, number: number): Outgoing {
    const { random } = this.#options;
    const id = `${this.recorder.chat}.${role}.${number}`;
    return { id, text: `${id} ${random().toString(36)} ž🦊`, wireId: newToken() };
  }

  /** Sends until it is accepted, one request after the other; `false` when that is over for good. */
  async #deliver(
    participant: Participant | undefined,
    batch: readonly Outgoing[],
  ): Promise<boolean> {
    const patience = new Patience(this.#options.random);
    for (;;) {
      const outcome = await participant?.send(batch);
      if (outcome === 'ok') return true;
      if (outcome === 'over' || outcome === undefined) return false;
      await patience.pause();
    }
  }

  /** Nobody can take back what is in another's inbox: this must do nothing. */
  async #deleteOwn(
    participant: Participant | undefined,
    batch: readonly Outgoing[],
  ): Promise<void> {
    if (participant === undefined) return;
    const { tokens } = participant;
    const data = { messages: batch.map(({ wireId }) => ({ _id: wireId })) };
    await this.#options.wire
      .call('DELETE', 'messages.json', { tokens, data })
      .catch(() => undefined);
  }

  /** Somebody who knows the chat token and has a user token that is none of this chat. */
  async #pry(tokens: Tokens): Promise<void> {
    const { wire } = this.#options;
    const operation = this.recorder.invoke({ type: 'receive', by: 'stranger', isHeld: false });
    try {
      const { code, results } = await wire.call('GET', 'messages.json?longPolling=false', {
        tokens,
      });
      const messages = (results.messages ?? []).map(({ msg }) => ({
        id: msg.split(' ', 1)[0] ?? '',
        text: msg,
      }));
      this.recorder.settle(operation, code === 200 ? 'ok' : 'failed', {
        messages,
        why: String(code),
      });
    } catch (error) {
      this.recorder.settle(operation, 'unknown', { why: String(error) });
    }
  }

  /** Whether both have got all that was accepted, before nobody waits for it any longer. */
  async #isRead(): Promise<boolean> {
    const deadline = performance.now() + READ_WITHIN_MS;
    const accepted = acceptedIn(this.recorder);
    const { creator, joiner } = this.#participants;
    while (performance.now() < deadline) {
      const isMissing = accepted.some(
        ({ id, by }) => !(by === 'creator' ? joiner : creator)?.shown.has(id),
      );
      if (!isMissing) return true;
      // What is in no inbox any more will not come: no need to wait for it.
      if (await this.#areEmpty(creator, joiner)) return true;
      await sleep(200);
    }
    return false;
  }

  /** Both inboxes are empty, asked twice: a message that has just left one is on its way to the screen. */
  async #areEmpty(...participants: (Participant | undefined)[]): Promise<boolean> {
    for (let time = 0; time < 4; time += 1) {
      for (const participant of participants) {
        if (!(await this.#isEmpty(participant))) return false;
      }
      await sleep(250);
    }
    return true;
  }

  async #isEmpty(participant: Participant | undefined): Promise<boolean> {
    if (participant === undefined) return true;
    const { tokens } = participant;
    const answer = await this.#options.wire
      .call('GET', 'messages.json?longPolling=false', { tokens })
      .catch(() => null);
    return answer?.code === 401 || (answer?.code === 200 && answer.results.count === 0);
  }

  async #close(tokens: Tokens): Promise<void> {
    await this.#until([202, 401], () => this.#options.wire.call('DELETE', 'chat.json', { tokens }));
  }
}

function acceptedIn({ entries }: Recorder): { id: string; by: Who }[] {
  const ok = new Set(
    entries.flatMap((entry) =>
      entry.type === 'settled' && entry.outcome === 'ok' ? entry.operation : [],
    ),
  );
  return entries.flatMap((entry) => {
    if (entry.type !== 'invoked' || !ok.has(entry.operation) || entry.what.type !== 'send')
      return [];
    const { by, messages } = entry.what;
    return messages.map(({ id }) => ({ id, by }));
  });
}
