import { statuses, systemEvents } from '../../protocol.ts';
import { KeptChat, KeptMessage, other } from '../memory/kept-chat.ts';
import type { Shelf } from '../memory/shelf.ts';
import type { ChatRow, Loading, MessageRow } from './messages.ts';

export interface Restoring {
  /** Takes some rows, table by table: chats first. */
  readonly take: (rows: Loading) => void;
  /** To be called when there are no more. */
  readonly finish: () => void;
}

/** Puts the rows of the journal on a shelf that is empty. */
export function restoreTo(shelf: Shelf): Restoring {
  const chats = new Map<number, KeptChat>();

  const restoreChat = (row: ChatRow): void => {
    const kept = toKept(row);
    chats.set(kept.number, kept);
    shelf.restore(kept);
  };
  // What belongs to no chat is nobody's.
  const restoreMessage = ([place, number, to, ...rest]: MessageRow): void => {
    shelf.restoreCounters({ number, place });
    const kept = chats.get(number);
    if (kept === undefined) return;
    const [id, msg, system] = rest;
    if (msg !== null) shelf.restoreMessage(kept, to, toMessage(place, msg, rest));
    if (system === 0) kept.recentIds.add(other(to), id, place);
  };
  const finish = (): void => {
    // Whoever listens to the thread knows this function for as long as the server runs.
    chats.clear();
  };

  const take = ({ table, rows }: Loading): void => {
    if (table === 'chats') rows.forEach(restoreChat);
    else if (table === 'messages') rows.forEach(restoreMessage);
    else {
      for (const [number, hash, removed] of rows) {
        shelf.restoreCounters({ number, place: 0 });
        shelf.invitations.restore(hash, { number, removed });
      }
    }
  };
  return { take, finish };
}

/** The strings of which there are few are shared: a row brings its own. */
const shared = <Text extends string>(texts: readonly Text[], text: Text): Text =>
  texts.find((each) => each === text) ?? text;

function toKept(row: ChatRow): KeptChat {
  const [number, token, status, encrypted, absenceCloseAfterMs, ...rest] = row;
  const [created, closed, creator, joiner, expired, intruderNoticed] = rest;
  const kept = new KeptChat(number, {
    token,
    status: shared(statuses, status),
    encrypted: encrypted === 1,
    created,
    closed,
    absenceCloseAfterMs,
    creator,
    joiner,
  });
  kept.isExpired = expired === 1;
  kept.intruderNoticed = intruderNoticed;
  return kept;
}

/** Without place, chat and addressee. */
type WithoutPlace<Row> = Row extends [unknown, unknown, unknown, ...infer Rest] ? Rest : never;

function toMessage(
  place: number,
  msg: string,
  [id, , system, event, accepted]: WithoutPlace<MessageRow>,
): KeptMessage {
  const named = event === null ? {} : { event: shared(systemEvents, event) };
  return new KeptMessage({ _id: id, msg, system: system === 1, ...named }, accepted, place);
}
