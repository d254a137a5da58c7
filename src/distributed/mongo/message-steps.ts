import { randomInt } from 'node:crypto';
import { talkerOf, type Chat } from '../../chat/chat.ts';
import type { Acknowledgement, Caller, Send, SendResult, Watched } from '../../chat/chat-store.ts';
import { Batcher } from './batches.ts';
import { chatFields } from './documents.ts';
import { takeTogether } from './joint-steps.ts';
import { update } from './operations.ts';
import { plainAcknowledgement, plainSend, type PlainStep } from './plain-steps.ts';
import { removeIfDone } from './removal.ts';
import { together, type StoreParts } from './store-parts.ts';
import { isParticipant } from './updates/expressions.ts';
import * as steps from './updates/messages.ts';
import type { MarkedSend } from './updates/messages.ts';

/**
 * Sending and acknowledging, as `ChatStore` describes it: plainly and together with others in a chat that is known to
 * be ready, alone where that was refused.
 */
export class MessageSteps {
  readonly #parts: StoreParts;
  readonly #plainSteps: Batcher<PlainStep, boolean>;
  /** Marks its sends; it begins anywhere, so that no two processes use the same marks. */
  #sends = randomInt(2 ** 31);

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#plainSteps = new Batcher({
      ask: (plain) => parts.connection.run((attempt) => takeTogether(attempt, plain)),
      ...together,
    });
  }

  async send(step: Send): Promise<SendResult | null> {
    const send = { ...step, mark: ++this.#sends };
    const chat = await this.#takePlainly(send, (ready) => plainSend(send, ready));
    return chat === null ? this.#sendAlone(send) : { outcome: 'stored', chat };
  }

  async acknowledge(step: Acknowledgement): Promise<Chat | null> {
    const chat = await this.#takePlainly(step, () => plainAcknowledgement(step));
    return chat ?? this.#acknowledgeAlone(step);
  }

  /** Takes a step of a chat that is known to be ready, together with others; `null`: it was not taken like that. */
  async #takePlainly(
    step: Caller & Watched,
    plain: (chat: Chat) => PlainStep,
  ): Promise<Chat | null> {
    const chat = this.#parts.recentChats.get(step);
    if (chat?.status !== 'ready') return null;
    if (!(await this.#plainSteps.ask(plain(chat)))) return null;
    step.onSeen?.(chat);
    return chat;
  }

  #sendAlone(send: MarkedSend): Promise<SendResult | null> {
    return this.#parts.connection.run(async (attempt) => {
      const found = await update(attempt, isParticipant(send), steps.send(send), {
        returnDocument: 'before',
        projection: { ...chatFields, hadRoom: steps.hadRoom(send), wasTaken: steps.wasTaken(send) },
      });
      if (found === null) return null;
      const chat = this.#parts.recentChats.add(this.#parts.read.toChat(found));
      const isReady = chat.status === 'ready' && talkerOf(chat, send.userId) !== null;
      // An earlier attempt of this call may have stored them before the chat was closed.
      if (!isReady && found.wasTaken !== true) return { outcome: 'not ready', chat };
      if (found.hadRoom !== true) return { outcome: 'inbox full', chat };
      send.onSeen?.(chat);
      return { outcome: 'stored', chat };
    });
  }

  async #acknowledgeAlone(step: Acknowledgement): Promise<Chat | null> {
    const found = await this.#parts.connection.run((attempt) =>
      update(attempt, isParticipant(step), steps.acknowledge(step), {
        projection: { ...chatFields, isEmpty: steps.isEmpty },
      }),
    );
    if (found === null) return null;
    const chat = this.#parts.recentChats.add(this.#parts.read.toChat(found));
    step.onSeen?.(chat);
    if (chat.status === 'closed' && found.isEmpty === true) {
      await removeIfDone(this.#parts.connection, chat.token, step.at);
    }
    return chat;
  }
}
