import {
  INTRUDER_NOTICE_INTERVAL_MS,
  type Status,
  type SystemEvent,
} from '../../../src/protocol.ts';

/** Two who may be in a chat, and one who wants to. */
export const people = ['creator', 'joiner', 'stranger'] as const;
export type PersonName = (typeof people)[number];

export const LIFETIME_MS = 86_400_000;
export const GRACE_MS = 600_000;

/** A message of an inbox: of a person, by its id, or of the system, by its event. */
type Item = { readonly id: string; readonly text: string } | { readonly event: SystemEvent };

export interface Seen {
  readonly code: number;
  readonly status?: Status;
  readonly items?: readonly Item[];
  readonly waiting?: number;
}

/**
 * One chat as protocol.md has it, on plain arrays: the second opinion that the service is compared with. Time is
 * given in ms. Absence is left out: its chats are created so that nobody is away before their lifetime is over.
 */
export class ModelChat {
  #created = 0;
  #status: Status | null = null;
  #closed = 0;
  #isExpired = false;
  #isRemoved = false;
  #seat: PersonName | null = null;
  #intruderNoticed = -Infinity;
  readonly #inboxes = new Map<PersonName, Item[]>();
  readonly #sentIds = new Set<string>();

  create(now: number): Seen {
    this.#pass(now);
    if (this.#isRemoved) return { code: 409 };
    if (this.#status !== null) return { code: 201, status: this.#status };
    this.#status = 'draft';
    this.#created = now;
    this.#inboxes.set('creator', [{ event: 'created' }]);
    return { code: 201, status: 'draft' };
  }

  join(who: PersonName, now: number): Seen {
    this.#pass(now);
    if (this.#isRemoved) return { code: 410 };
    if (this.#status === null) return { code: 404 };
    if (who === 'creator') return { code: 400 };
    if (this.#status === 'draft') {
      this.#status = 'ready';
      this.#seat = who;
      this.#inboxes.set(who, [{ event: 'ready' }]);
      this.#inboxes.get('creator')?.push({ event: 'joined' });
      return { code: 200, status: 'ready' };
    }
    if (who === this.#seat) return { code: 200, status: this.#status };
    if (this.#status === 'ready' && this.#intruderNoticed <= now - INTRUDER_NOTICE_INTERVAL_MS) {
      this.#intruderNoticed = now;
      this.#tellBoth('intruder');
    }
    return { code: 410 };
  }

  send(who: PersonName, messages: readonly { id: string; text: string }[], now: number): Seen {
    const inbox = this.#enter(who, now);
    if (inbox === null) return { code: 401 };
    if (this.#status !== 'ready') return { code: 409 };
    for (const message of messages) {
      const key = `${who} ${message.id}`;
      if (!this.#sentIds.has(key)) this.#talkersInbox(who).push(message);
      this.#sentIds.add(key);
    }
    return { code: 202 };
  }

  receive(who: PersonName, now: number): Seen {
    const inbox = this.#enter(who, now);
    if (inbox === null || this.#status === null) return { code: 401 };
    const waiting = this.#talkersInbox(who).filter((item) => 'id' in item).length;
    return { code: 200, status: this.#status, items: [...inbox], waiting };
  }

  /** Acknowledges the oldest so many of the own inbox; what is not in it changes nothing. */
  acknowledge(who: PersonName, count: number, now: number): Seen {
    const inbox = this.#enter(who, now);
    if (inbox === null) return { code: 401 };
    inbox.splice(0, count);
    const isEmpty = [...this.#inboxes.values()].every(({ length }) => length === 0);
    if (this.#status === 'closed' && isEmpty) this.#remove();
    return { code: 202 };
  }

  signal(who: PersonName, now: number): Seen {
    if (this.#enter(who, now) === null) return { code: 401 };
    return { code: this.#status === 'ready' ? 202 : 409 };
  }

  close(who: PersonName, now: number): Seen {
    if (this.#enter(who, now) === null) return { code: 401 };
    if (this.#status !== 'closed') {
      this.#status = 'closed';
      this.#closed = now;
      this.#tellBoth('closed');
    }
    return { code: 202 };
  }

  /** What time alone does. */
  #pass(now: number): void {
    if (this.#status === null) return;
    const end = this.#created + LIFETIME_MS;
    if (now >= end && !this.#isExpired) {
      this.#isExpired = true;
      if (this.#status !== 'closed') this.#closed = end;
      this.#status = 'closed';
      for (const inbox of this.#inboxes.values()) inbox.splice(0, Infinity, { event: 'expired' });
    }
    if (this.#status === 'closed' && now >= this.#closed + GRACE_MS) this.#remove();
  }

  #remove(): void {
    this.#status = null;
    this.#isRemoved = true;
    this.#inboxes.clear();
  }

  /** The inbox of a participant; `null` for anybody else. */
  #enter(who: PersonName, now: number): Item[] | null {
    this.#pass(now);
    return this.#inboxes.get(who) ?? null;
  }

  #talkersInbox(who: PersonName): Item[] {
    const talker = who === 'creator' ? this.#seat : 'creator';
    return (talker === null ? null : this.#inboxes.get(talker)) ?? [];
  }

  #tellBoth(event: SystemEvent): void {
    for (const inbox of this.#inboxes.values()) inbox.push({ event });
  }
}
