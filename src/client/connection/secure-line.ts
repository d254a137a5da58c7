import {
  beginHandshake,
  receiveMessage,
  refusalOfText,
  seal,
  sendText,
  Sfc1Error,
  statusOf,
  unseal,
  type SecureChat,
  type SecureEvent,
  type SentText,
} from '../../crypto/index.ts';
import type { IncomingMessage } from '../api/answers.ts';
import { asList, parseJson } from '../api/json.ts';
import { newToken } from '../api/token.ts';
import type { KeptChat, SealedMessage, Vault } from '../keys/kept-chat.ts';
import { systemNews, type Line, type Reading, type Secrecy } from './line.ts';

/** The browser no longer has what this chat needs. */
export class KeysLost extends Error {
  constructor() {
    super('The keys of this chat are gone');
    this.name = 'KeysLost';
  }
}

export interface SecureLineOptions {
  vault: Vault;
  kept: KeptChat;
  /** A reload has lost the keys: a new handshake is due. */
  lost: boolean;
  /** Resolves when what is shown is kept, so that no envelope leaves without its text. */
  written: () => Promise<void>;
}

/** What a step makes of what is kept. */
interface Made {
  readonly state: SecureChat;
  readonly messages: readonly SealedMessage[];
  readonly unshown?: string | undefined;
}

/** A text, and the id of the message that carries it. */
interface Written {
  readonly id: string;
  readonly text: string;
}

/** What one message said: its key, and the events that came of it. */
type Said = readonly [key: string, events: readonly SecureEvent[]];

const UNSHOWN = 'unshown';

/** The same id with another content is another message: the ids are the server's to choose. */
const keyOf = ({ _id, msg }: IncomingMessage): string => `${_id}.${msg.slice(-24)}`;

const inEnvelopes = (outgoing: readonly string[]): SealedMessage[] =>
  outgoing.map((msg) => ({ _id: newToken(), msg }));

/**
 * The line of an encrypted chat. A step is computed first; then the new state is stored together with the
 * envelopes and the events that came of it, if no other tab has taken a step meanwhile. So no sequence is
 * ever used twice, and what was opened is shown even if the page goes away in between.
 */
// eslint-disable-next-line max-lines-per-function -- the operations of one small state
export function createSecureLine(options: SecureLineOptions): Line {
  const { vault } = options;
  let kept = options.kept;
  let isRestartDue = options.lost;
  let before: Promise<unknown> = Promise.resolve();

  /** One after the other, or steps of this tab would get in each other's way. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = before.then(work, work);
    before = result;
    return result;
  };

  const look = async (): Promise<KeptChat> => {
    const found = await vault.read();
    if (!found) throw new KeysLost();
    kept = found;
    return found;
  };

  const step = async <M extends Made>(make: (from: KeptChat) => Promise<M>): Promise<M> => {
    for (;;) {
      const from = await look();
      const { revision } = from.state;
      const made = await make(from);
      const { state, messages, unshown } = made;
      const stored = await vault.update((now) =>
        now.state.revision === revision
          ? { ...now, state, outbox: [...now.outbox, ...messages], unshown: unshown ?? now.unshown }
          : undefined,
      );
      if (!stored) continue;
      kept = stored;
      return made;
    }
  };

  const change = async (changes: (now: KeptChat) => Partial<KeptChat>): Promise<void> => {
    kept = (await vault.update((now) => ({ ...now, ...changes(now) }))) ?? kept;
  };

  /** Asked within the step: another tab may have begun meanwhile. */
  const exchange = async (isDue: (state: SecureChat) => boolean = () => true): Promise<void> => {
    await step(async ({ state }) => {
      if (!isDue(state)) return { state, messages: [] };
      const { state: next, outgoing } = await beginHandshake(state);
      return { state: next, messages: inEnvelopes(outgoing) };
    });
  };

  const readAll = (
    messages: readonly IncomingMessage[],
  ): Promise<Made & { said: readonly Said[] }> =>
    step(async (from) => {
      const known = await saidBefore(from);
      const said: Said[] = [];
      const sealed: SealedMessage[] = [];
      let { state } = from;
      for (const message of messages) {
        const key = keyOf(message);
        const again = known.get(key);
        const taken = again ? undefined : await receiveMessage(state, message.msg);
        said.push([key, again ?? taken?.events ?? []]);
        if (!taken) continue;
        state = taken.state;
        sealed.push(...inEnvelopes(taken.outgoing));
      }
      const unshown = await seal(from.sealingKey, UNSHOWN, JSON.stringify(said));
      return { state, messages: sealed, unshown, said };
    });

  const writeAll = async (texts: readonly Written[]): Promise<void> => {
    await options.written();
    await step(async ({ state }) => {
      let next = state;
      const messages: SealedMessage[] = [];
      for (const { id, text } of texts) {
        const { outgoing, sent, ...made } = await sendText(next, text);
        next = made.state;
        messages.push(...outgoing.map((msg) => ({ _id: id, msg, sent })));
      }
      return { state: next, messages };
    });
  };

  /** What is written before its turn has come is one step together. */
  let waiting: { readonly texts: Written[]; readonly done: Promise<void> } | undefined;
  const newTurn = (): NonNullable<typeof waiting> => {
    const texts: Written[] = [];
    const done = inTurn(() => {
      waiting = undefined;
      return writeAll(texts);
    });
    return { texts, done };
  };

  return {
    outbox: {
      pending: () => kept.outbox,
      remove(ids) {
        const without = ({ outbox }: KeptChat) => ({
          outbox: outbox.filter(({ _id }) => !ids.includes(_id)),
        });
        kept = { ...kept, ...without(kept) };
        // What is shown comes first: a message that is in neither place would look lost.
        void inTurn(() => options.written().then(() => change(without))).catch(() => undefined);
      },
    },
    secrecy: () => secrecyOf(kept),
    refresh: () =>
      inTurn(async () => {
        await look();
      }),
    begin: () =>
      inTurn(async () => {
        await look();
        if (kept.code !== undefined) await change(() => ({ code: undefined }));
        if (isRestartDue) await exchange();
        else if (isFirst(kept.state)) await exchange(isFirst);
        isRestartDue = false;
      }),
    write(id, text) {
      // One that may not be sent must not keep the others back.
      const refusal = refusalOfText(text);
      if (refusal) return Promise.reject(new Sfc1Error(refusal));
      waiting ??= newTurn();
      waiting.texts.push({ id, text });
      return waiting.done;
    },
    read: (messages) =>
      inTurn(async () => {
        const talkers = messages.filter(({ system }) => !system);
        const { said } = talkers.length > 0 ? await readAll(talkers) : { said: [] };
        const events = new Map(said);
        return messages.flatMap((message) => newsOf(message, events));
      }),
    frameOf: (id) => kept.outbox.find(({ _id }) => _id === id)?.sent,
    isConfirmed: (sent) => isConfirmed(kept.state, sent),
    exchangeAnew: () => inTurn(() => exchange()),
    setCompared: () => inTurn(() => change(({ state }) => ({ compared: state.current?.number }))),
  };
}

/** The creator begins, once, when the joiner is there. */
const isFirst = ({ role, memory }: SecureChat): boolean =>
  role === 'creator' && memory.commits.length === 0;

async function saidBefore({ sealingKey, unshown }: KeptChat): Promise<Map<string, Said[1]>> {
  const text = unshown === undefined ? undefined : await unseal(sealingKey, UNSHOWN, unshown);
  // This page has written it, and nobody else has the key.
  return new Map(asList(parseJson(text ?? null)) as Said[]);
}

function newsOf(
  message: IncomingMessage,
  events: ReadonlyMap<string, readonly SecureEvent[]>,
): Reading {
  if (message.system) return [systemNews(message)];
  const happened = events.get(keyOf(message)) ?? [];
  return happened.map((event) => ({ kind: 'secure', id: message._id, event }));
}

function secrecyOf({ state, compared }: KeptChat): Secrecy {
  switch (statusOf(state)) {
    case 'secured': {
      const { words, number } = state.current ?? {};
      return words
        ? { kind: 'encrypted', words, compared: number === compared }
        : { kind: 'exchanging' };
    }
    case 'failed':
      return { kind: 'failed', canRetry: state.failure !== 'too many handshakes' };
    case 'exchanging':
      return { kind: 'exchanging' };
  }
}

function isConfirmed({ current, earlier }: SecureChat, { epoch, sequence }: SentText): boolean {
  const found = [current, ...earlier].find((candidate) => candidate?.number === epoch);
  return found !== undefined && found.confirmed > sequence;
}

/** Whether no further handshake may begin in this chat. */
export const isHandshakeLimit = (thrown: unknown): boolean =>
  thrown instanceof Sfc1Error && thrown.reason === 'handshake limit';
