import type { Document, Filter } from 'mongodb';
import type { Chat } from '../../chat/chat.ts';
import type { Close, Creation, IntruderNotice, Join, Watched } from '../../chat/chat-store.ts';
import type { Token } from '../../protocol.ts';
import { create } from './creation.ts';
import { chatFields, toId, type ChatDocument } from './documents.ts';
import { findOne, update } from './operations.ts';
import type { StoreParts } from './store-parts.ts';
import * as steps from './updates/life.ts';
import { hasNotice, isToBeWarned, noticeIntruder } from './updates/notices.ts';
import { isUsed } from './used-invitations.ts';

/** How a chat begins, becomes ready, is closed, and warns its two, as `ChatStore` describes it. */
export class LifeSteps {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  create(creation: Creation): Promise<{ readonly chat: Chat; readonly isNew: boolean } | null> {
    const { connection, read } = this.#parts;
    return connection.run((attempt) => create(attempt, creation, read));
  }

  find(chatToken: Token): Promise<Chat | null> {
    const { connection, read } = this.#parts;
    return connection.run(async (attempt) => {
      const chat = await findOne(attempt, { _id: toId(chatToken) });
      return chat === null ? null : read.toChat(chat);
    });
  }

  wasRemoved(chatToken: Token, after: number): Promise<boolean> {
    return this.#parts.connection.run((attempt) => isUsed(attempt, chatToken, after));
  }

  join(join: Join): Promise<Chat | null> {
    return this.#step(join, steps.isJoinable(join), steps.join(join), steps.isJoinedBy(join));
  }

  close(close: Close): Promise<Chat | null> {
    const isTaken = hasNotice(close.chatToken, close.notices);
    return this.#step(close, steps.isClosable(close), steps.close(close), isTaken);
  }

  noticeIntruder(notice: IntruderNotice): Promise<Chat | null> {
    const isTaken = hasNotice(notice.chatToken, notice.notices);
    return this.#step(notice, isToBeWarned(notice), noticeIntruder(notice), isTaken);
  }

  /**
   * One guarded update; gives the chat as it is after it. `isTaken` finds a chat in which this very
   * step has been taken before. `null`: the guard refused it.
   */
  #step(
    { onSeen }: Watched,
    guard: Filter<ChatDocument>,
    effect: Document[],
    isTaken: Filter<ChatDocument>,
  ): Promise<Chat | null> {
    const { connection, read, recentChats } = this.#parts;
    return connection.run(async (attempt) => {
      const chat =
        (await update(attempt, guard, effect, { projection: chatFields })) ??
        (await findOne(attempt, isTaken));
      if (chat === null) return null;
      const taken = recentChats.add(read.toChat(chat));
      onSeen?.(taken);
      return taken;
    });
  }
}
