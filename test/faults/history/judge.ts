import type { Entry, History, Invocation, Outcome, Said, Who } from './history.ts';

/** What may be wrong with a history, after Jepsen's checkers of queues. */
export const verdicts = [
  /** Accepted, and never shown. */
  'lost',
  /** Shown, but nobody said it, or it was refused, or it reads otherwise. */
  'unexpected',
  /** Given out again after its acknowledgement was accepted. */
  'resurrected',
  /** One person saw it more than once. */
  'shown twice',
  /** Shown before something that had been accepted before it was sent. */
  'out of order',
  /** Given to somebody whom it was not for; or somebody got a seat that was taken. */
  'leaked',
  /** Accepted while its addressee held a poll, which was not answered in time though nothing was disturbed. */
  'late',
] as const;

export type Verdict = (typeof verdicts)[number];

/** What was found, in words, by verdict; nothing is wrong where all are empty. */
export type Judgement = Readonly<Record<Verdict, readonly string[]>>;

export interface JudgeOptions {
  /** In which chat an id was sent, of those that this history does not know. */
  readonly chatOf?: (id: string) => string | undefined;
  /** Milliseconds after which a held poll that was not answered is late. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;

/** One operation with both of its entries, by their places in the history. */
interface Operation {
  readonly what: Invocation;
  readonly invoked: number;
  /** Behind everything when it never was. */
  readonly settled: number;
  readonly outcome: Outcome;
  readonly messages: readonly Said[];
}

/** One message over all attempts to send it. */
interface Sent {
  readonly by: Who;
  readonly id: string;
  readonly text: string;
  readonly attempts: readonly Operation[];
  /** Place of its first acceptance. */
  readonly accepted: number;
  /** Place among the messages of its request. */
  readonly position: number;
}

/** A history, sorted by what the rules ask for. */
interface Case {
  readonly entries: readonly Entry[];
  readonly operations: readonly Operation[];
  readonly sent: ReadonlyMap<string, Sent>;
  readonly shown: readonly { readonly by: Who; readonly message: Said; readonly place: number }[];
  readonly crashes: readonly number[];
  readonly chatOf: (id: string) => string | undefined;
  readonly patienceMs: number;
}

/** Decides over one conversation. The history must be whole: whoever reads has read to the end. */
export function judge(history: History, options: JudgeOptions = {}): Judgement {
  const one = prepare(history, options);
  return {
    lost: findLost(one),
    unexpected: findUnexpected(one),
    resurrected: findResurrected(one),
    'shown twice': findShownTwice(one),
    'out of order': findOutOfOrder(one),
    leaked: [...findLeaked(one), ...findTakenSeats(one)],
    late: findLate(one),
  };
}

function prepare({ entries }: History, options: JudgeOptions): Case {
  const operations = pairUp(entries);
  return {
    entries,
    operations,
    sent: collectSent(operations),
    shown: entries.flatMap((entry, place) =>
      entry.type === 'shown' ? [{ by: entry.by, message: entry.message, place }] : [],
    ),
    crashes: entries.flatMap(({ type }, place) => (type === 'crashed' ? [place] : [])),
    chatOf: options.chatOf ?? (() => undefined),
    patienceMs: options.patienceMs ?? PATIENCE_MS,
  };
}

function pairUp(entries: readonly Entry[]): Operation[] {
  const settled = new Map<number, { entry: Entry & { type: 'settled' }; place: number }>();
  for (const [place, entry] of entries.entries()) {
    if (entry.type === 'settled') settled.set(entry.operation, { entry, place });
  }
  return entries.flatMap((entry, invoked) => {
    if (entry.type !== 'invoked') return [];
    const end = settled.get(entry.operation);
    return {
      what: entry.what,
      invoked,
      settled: end?.place ?? Infinity,
      outcome: end?.entry.outcome ?? 'unknown',
      messages: end?.entry.messages ?? [],
    };
  });
}

function collectSent(operations: readonly Operation[]): Map<string, Sent> {
  const sent = new Map<string, Sent>();
  for (const operation of operations) {
    if (operation.what.type !== 'send') continue;
    for (const [position, { id, text }] of operation.what.messages.entries()) {
      const before = sent.get(id);
      sent.set(id, {
        by: operation.what.by,
        id,
        text,
        attempts: [...(before?.attempts ?? []), operation],
        accepted: Math.min(
          before?.accepted ?? Infinity,
          operation.outcome === 'ok' ? operation.settled : Infinity,
        ),
        position: before?.position ?? position,
      });
    }
  }
  return sent;
}

const isParticipant = (who: Who): boolean => who === 'creator' || who === 'joiner';

const addresseeOf = (by: Who): Who => (by === 'creator' ? 'joiner' : 'creator');

function findLost({ entries, sent, shown }: Case): string[] {
  // What is still in an inbox is not lost.
  if (entries.some(({ type }) => type === 'expired' || type === 'unread')) return [];
  const seen = new Set(shown.map(({ by, message }) => `${by} ${message.id}`));
  return [...sent.values()]
    .filter(({ accepted }) => accepted !== Infinity)
    .filter(({ by, id }) => isParticipant(by) && !seen.has(`${addresseeOf(by)} ${id}`))
    .map(({ by, id }) => `${id} of the ${by} was accepted and never shown`);
}

function findUnexpected({ sent, shown, chatOf }: Case): string[] {
  return shown.flatMap(({ by, message, place }) => {
    const original = sent.get(message.id);
    if (original === undefined) {
      // Of another chat: leaked, which is worse.
      return chatOf(message.id) === undefined ? `${message.id} was never sent (to the ${by})` : [];
    }
    if (original.text !== message.text) return `${message.id} does not read as it was sent`;
    const before = original.attempts.filter(({ invoked }) => invoked < place);
    if (before.length === 0) return `${message.id} was shown before it was sent`;
    const isRefused = before.every((one) => one.outcome === 'failed' && one.settled < place);
    return isRefused ? `${message.id} was refused, and shown to the ${by}` : [];
  });
}

function findResurrected(one: Case): string[] {
  const reads = one.operations.filter(({ what }) => what.type === 'receive');
  return one.operations.flatMap((acknowledgement) => {
    const { what, outcome, settled } = acknowledgement;
    if (what.type !== 'acknowledge' || outcome !== 'ok') return [];
    return what.ids.filter((id) => {
      const again = reads.find(
        (read) =>
          read.what.by === what.by &&
          read.invoked > settled &&
          read.messages.some((message) => message.id === id),
      );
      return again !== undefined && !wasSentAnew(one, id, again);
    });
  });
}

/**
 * The one case in which a message may come again. In embedded mode the talker may see a message before it is
 * committed. When the process is killed in between, it is gone, and with it what is known of its id; the sender, who
 * has no answer, sends it again, and it is new. The talker's client drops it, because it has shown it.
 */
function wasSentAnew(one: Case, id: string, again: Operation) {
  const { crashes, operations, sent, shown } = one;
  const message = sent.get(id);
  if (message === undefined) return false;
  const timesShown = shown.filter((each) => each.message.id === id).length;
  const acknowledgements = acknowledgementsOf(one, id);
  return crashes.some((crash) => {
    const wasRead = operations.some(
      ({ what, settled, messages }) =>
        what.type === 'receive' && settled < crash && messages.some((each) => each.id === id),
    );
    // An answer comes after the commit: what was answered before the crash is not gone with it.
    const wasAcknowledged = acknowledgements.some(({ settled }) => settled < crash);
    const wasSentAgain = message.attempts.some(
      ({ invoked }) => invoked > crash && invoked < again.settled,
    );
    return (
      wasRead && !wasAcknowledged && message.accepted > crash && wasSentAgain && timesShown === 1
    );
  });
}

function findShownTwice({ shown }: Case): string[] {
  const seen = new Set<string>();
  return shown.flatMap(({ by, message }) => {
    // By its words as well: a message that came under two ids is two on the screen.
    const keys = [`${by} ${message.id}`, `${by} text ${message.text}`];
    const isTwice = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isTwice ? `${message.id} was shown to the ${by} twice` : [];
  });
}

/** Whether the order of two messages of one sender is known. */
function precedes(first: Sent, second: Sent): boolean {
  const firstTry = second.attempts[0];
  if (firstTry === undefined) return false;
  if (first.attempts[0] === firstTry) return first.position < second.position;
  return first.accepted < firstTry.invoked;
}

function findOutOfOrder({ sent, shown }: Case): string[] {
  return shown.flatMap(({ by, message }, index) => {
    const later = sent.get(message.id);
    if (later === undefined) return [];
    const earlier = shown
      .slice(index + 1)
      .filter((one) => one.by === by)
      .map((one) => sent.get(one.message.id))
      .find((one) => one?.by === later.by && one.id !== later.id && precedes(one, later));
    return earlier === undefined ? [] : `${later.id} was shown before ${earlier.id}`;
  });
}

function findLeaked({ operations, sent, shown, chatOf }: Case): string[] {
  const read = operations.flatMap(({ what, messages, outcome }) => {
    if (what.type !== 'receive' || outcome !== 'ok') return [];
    const isStranger = !isParticipant(what.by);
    return isStranger && messages.length === 0
      ? [{ by: what.by, id: 'an empty inbox' }]
      : messages.map(({ id }) => ({ by: what.by, id }));
  });
  const seen = [...read, ...shown.map(({ by, message }) => ({ by, id: message.id }))];
  const leaks = seen.filter(({ by, id }) => {
    const original = sent.get(id);
    if (original === undefined) return !isParticipant(by) || chatOf(id) !== undefined;
    return by !== addresseeOf(original.by);
  });
  return [...new Set(leaks.map(({ by, id }) => `${id} was given to the ${by}`))];
}

function findTakenSeats({ operations }: Case): string[] {
  const seated = new Set(
    operations
      .filter(({ what, outcome }) => what.type === 'join' && outcome === 'ok')
      .map(({ what }) => what.by),
  );
  return seated.size > 1 ? [`${[...seated].join(' and ')} were both let in`] : [];
}

function findLate(one: Case): string[] {
  const { operations, sent, patienceMs } = one;
  const polls = operations.filter(({ what }) => what.type === 'receive' && what.isHeld);
  return [...sent.values()].flatMap(({ id, by, accepted, attempts }) => {
    const first = attempts[0]?.invoked ?? Infinity;
    const slept = polls.find(
      (poll) =>
        poll.what.by === addresseeOf(by) &&
        poll.invoked < first &&
        poll.settled > accepted &&
        timeAt(one, poll.settled) - timeAt(one, accepted) > patienceMs &&
        !wasTaken(one, id, accepted) &&
        wasAwake(one, poll),
    );
    return slept === undefined
      ? []
      : `${id} did not end the poll of the ${addresseeOf(by)} in time`;
  });
}

const timeAt = ({ entries }: Case, place: number): number =>
  (entries[place] ?? entries.at(-1))?.at ?? 0;

/**
 * Whether its addressee acknowledged a message in time. Another poll of theirs had it then: one that is under way when
 * a second tab begins to poll may be answered first, and the second finds an empty inbox when it arrives.
 */
function wasTaken(one: Case, id: string, accepted: number): boolean {
  return acknowledgementsOf(one, id).some(
    ({ settled }) => timeAt(one, settled) - timeAt(one, accepted) <= one.patienceMs,
  );
}

/** The acknowledgements of a message that were accepted. */
const acknowledgementsOf = ({ operations }: Case, id: string): Operation[] =>
  operations.filter(
    ({ what, outcome }) => what.type === 'acknowledge' && outcome === 'ok' && what.ids.includes(id),
  );

/** Whether nothing was broken while a poll was held, and everything else was answered at once: so it was not the machine. */
function wasAwake(one: Case, poll: Operation): boolean {
  const isDisturbed = one.entries.some(
    ({ type }, place) =>
      place > poll.invoked && place < poll.settled && (type === 'disturbed' || type === 'crashed'),
  );
  const meanwhile = one.operations.filter(
    ({ what, invoked, settled }) =>
      !(what.type === 'receive' && what.isHeld) && invoked > poll.invoked && settled < poll.settled,
  );
  const isQuick = meanwhile.every(
    ({ invoked, settled }) => timeAt(one, settled) - timeAt(one, invoked) < one.patienceMs / 10,
  );
  return !isDisturbed && meanwhile.length > 0 && isQuick;
}
