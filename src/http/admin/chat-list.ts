import type { Request } from 'express';
import type { Chat } from '../../chat/chat.ts';
import type { ChatStore } from '../../chat/chat-store.ts';
import { StorageUnavailable } from '../../chat/failures.ts';
import type { Status } from '../../protocol.ts';

/**
 * Where a page of the list begins: after `shown` of the chats created at a time (ms since the epoch). It stands in
 * a link, and URLs end up in histories and logs, so it names no chat.
 */
export interface Position {
  readonly created: number;
  readonly shown: number;
}

/** One page of chats, the newest first. */
export interface ChatPage {
  readonly counts: Readonly<Record<Status, number>>;
  readonly chats: readonly Chat[];
  /** Where the next page begins; `null`: this is the last one. */
  readonly next: Position | null;
}

/** Chats on one page of the list. */
const PAGE_SIZE = 25;

/** Follows every token of the chats created at the same time. */
const AFTER_ALL_TOKENS = 'f'.repeat(24);

/** The position in a link; `null`: the beginning, or a link that is none of ours. */
export function positionFrom({ query }: Request): Position | null {
  const [created, shown] = [query['before'], query['shown']].map(wholeNumber);
  return created == null || shown == null ? null : { created, shown };
}

/** One page of the list; `null`: the storage does not answer. */
export async function readPage(
  store: Pick<ChatStore, 'countByStatus' | 'list'>,
  status: Status | null,
  position: Position | null,
): Promise<ChatPage | null> {
  const skipped = position?.shown ?? 0;
  try {
    const [counts, found] = await Promise.all([
      store.countByStatus(),
      store.list({
        before: position && { created: position.created, token: AFTER_ALL_TOKENS },
        limit: skipped + PAGE_SIZE + 1,
        ...(status !== null && { status }),
      }),
    ]);
    const chats = found.slice(skipped, skipped + PAGE_SIZE);
    const hasMore = found.length > skipped + PAGE_SIZE;
    return { counts, chats, next: hasMore ? positionAfter(chats, position) : null };
  } catch (error) {
    if (error instanceof StorageUnavailable) return null;
    throw error;
  }
}

/** After the last of these, and after those of its time that earlier pages have shown. */
function positionAfter(chats: readonly Chat[], before: Position | null): Position | null {
  const created = chats.at(-1)?.created;
  if (created === undefined) return null;
  const shownHere = chats.filter((chat) => chat.created === created).length;
  const shownBefore = before?.created === created ? before.shown : 0;
  return { created, shown: shownHere + shownBefore };
}

/** More chats of one moment than this nobody pages through. */
const wholeNumber = (text: unknown): number | null =>
  typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : null;
