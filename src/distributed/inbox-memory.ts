import { keyOf, presentUntil, type ParticipantKey } from '../chat/chat.ts';
import type { ChatStore, Inbox } from '../chat/chat-store.ts';
import { systemClock, type Clock } from '../chat/clock.ts';
import { andThen } from '../chat/soon.ts';
import type { Token } from '../protocol.ts';
import type { Hearing } from './redis/hearing.ts';
import { withMethods } from './mongo/with-methods.ts';

/** An inbox without its messages, and when it was read (ms since the epoch). */
export interface KeptInbox {
  readonly inbox: Inbox;
  readonly readAt: number;
  /** What its owner has not acknowledged since: while there is any, it is not to be used. */
  undelivered: readonly Token[];
}

type Remembering = 'readInbox' | 'beginPoll' | 'acknowledge';

/**
 * Milliseconds after which an inbox is read again although nothing was heard: so long a message may lie there at
 * the most whose wake-up got lost unnoticed. It is shorter than a hold, so that it happens at the end of each.
 */
const TRUSTED_FOR_MS = 30_000;

/** Milliseconds for which such a read waits for others, to be done with them. */
const PATIENCE_MS = 100;

/**
 * The store, with empty inboxes read from memory while the bus vouches for them. Only somebody else can put
 * something into an inbox, and whoever does wakes its owner. One that had messages is empty when its owner has
 * acknowledged all of them here. Full ones are always read: the owner empties them, perhaps in another process, and
 * nobody is woken for that.
 */
export function withInboxMemory(
  store: ChatStore,
  hearing: Hearing<KeptInbox>,
  clock: Clock = systemClock,
): ChatStore {
  const together = createPatience();

  const keep = (who: ParticipantKey, mark: number | null, inbox: Inbox | null): void => {
    if (inbox === null || inbox.chat.status === 'closed') return;
    const { messages } = inbox;
    const undelivered = messages.length === 0 ? NOTHING : messages.map(({ _id }) => _id);
    hearing.keep(who, mark, { inbox: emptied(inbox), readAt: clock.now(), undelivered });
  };

  const remembering: Pick<ChatStore, Remembering> = {
    readInbox: async (step) => {
      const { at, afresh = false } = step;
      if (at !== undefined) return store.readInbox(step);
      const who = keyOf(step);
      const kept = afresh ? undefined : hearing.kept(who);
      if (kept?.undelivered.length === 0) {
        if (isTrusted(kept, clock.now())) return kept.inbox;
        // Nobody has heard anything, so nobody is kept waiting.
        await together();
      }
      const mark = hearing.mark(who);
      const inbox = await store.readInbox(step);
      keep(who, mark, inbox);
      return inbox;
    },
    beginPoll: async (poll) => {
      const who = keyOf(poll);
      const mark = hearing.mark(who);
      const begun = await store.beginPoll(poll);
      if (begun?.poll === poll.pollId) keep(who, mark, begun);
      return begun;
    },
    acknowledge: (step) =>
      andThen(store.acknowledge(step), (chat) => {
        const kept = chat === null ? undefined : hearing.kept(keyOf(step));
        if (kept !== undefined)
          kept.undelivered = kept.undelivered.filter((id) => !step.ids.includes(id));
        return chat;
      }),
  };
  return withMethods(store, (name, method) =>
    name in remembering ? remembering[name as Remembering] : method,
  );
}

const NOTHING: readonly never[] = [];

/** By name: the engine describes what was made by spreading an object for each one anew, and this is kept for thousands. */
const emptied = ({ chat, waiting, poll, pollBegan, seenUntil, talkerSeenUntil }: Inbox): Inbox => ({
  chat,
  messages: NOTHING,
  waiting,
  poll,
  pollBegan,
  seenUntil,
  talkerSeenUntil,
  isRemembered: true,
});

/** A talker who was held until a time may be held on since, of which nobody is told. */
function isTrusted({ inbox: { talkerSeenUntil }, readAt }: KeptInbox, now: number): boolean {
  if (now - readAt >= TRUSTED_FOR_MS || readAt > now) return false;
  const isStillSeen = talkerSeenUntil === null || presentUntil(talkerSeenUntil) > now;
  return isStillSeen || presentUntil(talkerSeenUntil) <= readAt;
}

/** Resolves for all who ask within a little while at the same time. */
function createPatience(): () => Promise<void> {
  let pending: Promise<void> | null = null;
  return () =>
    (pending ??= new Promise((resolve) => {
      setTimeout(() => {
        pending = null;
        resolve();
      }, PATIENCE_MS);
    }));
}
