import { setTimeout as sleep } from 'node:timers/promises';
import { newToken } from '../../src/chat/chat.ts';
import type { Token } from '../../src/protocol.ts';

/** Milliseconds between two messages of one sender. */
const WRITING = 15;

/** Milliseconds until a refused request is made again: earlier than it was told, to press harder. */
const PATIENCE = 150;

interface Message {
  readonly _id: Token;
  readonly msg: string;
  readonly system: boolean;
  readonly event?: string;
}

interface Results {
  readonly code: number;
  readonly chatToken: Token;
  readonly userToken: Token;
  readonly status: string;
  readonly messages: readonly Message[];
}

interface Person {
  readonly name: string;
  readonly chatToken: Token;
  readonly userToken: Token;
  /** Texts that the server has accepted, in the order of sending. */
  readonly accepted: string[];
  /** What the person has been shown, in the order of arrival. */
  readonly shown: Message[];
  readonly acknowledged: Set<Token>;
}

/**
 * A conversation of two clients that behave as good clients do, and what they may expect whatever
 * happens to the database: what was accepted arrives, once, in the order of its sender; what was
 * acknowledged does not come back; every answer is a success or a 503 that says when to try again.
 * Whatever contradicts that is thrown.
 */
export class History {
  /** How many answers were a 503. */
  unavailable = 0;
  /** The longest time that an answer took which is not held, in milliseconds. */
  slowest = 0;
  readonly #urls: readonly string[];
  #turn = 0;

  /** @param urls the web servers; requests go to each in turn */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** Two people meet, each writes `count` messages, both read everything and part. */
  async play(count: number): Promise<void> {
    const [creator, joiner] = await this.#meet();
    await Promise.all([
      this.#write(creator, count),
      this.#write(joiner, count),
      this.#read(creator, count),
      this.#read(joiner, count),
    ]);
    // Not sooner: what is sent may be read before its sender knows.
    this.#compare(creator, joiner);
    this.#compare(joiner, creator);
    await this.#insist(creator, 'DELETE', 'chat.json', undefined, afterRefusal(401));
    await this.#expectGoodbye(joiner);
    await this.#expectGoodbye(creator);
  }

  /** A request that was refused may have been carried out: then the invitation is used up. */
  async #meet(): Promise<[Person, Person]> {
    for (;;) {
      const created = await this.#insist(null, 'POST', 'chat.json');
      const { chatToken } = created.results;
      const invited = { chatToken };
      const joined = await this.#insist(invited, 'PUT', 'chat.json', undefined, afterRefusal(410));
      if (joined.results.code === 410) continue;
      return [
        person('creator', created.results),
        person('joiner', { ...joined.results, chatToken }),
      ];
    }
  }

  async #write(from: Person, count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      const msg = `${from.name} ${number}`;
      const messages = [{ _id: newToken(), msg }];
      await this.#insist(from, 'POST', 'messages.json', { data: { messages } });
      from.accepted.push(msg);
      await sleep(WRITING);
    }
  }

  async #read(reader: Person, count: number): Promise<void> {
    while (textsOf(reader).length < count) await this.#receive(reader);
  }

  #compare(reader: Person, writer: Person): void {
    expectEqual(`what ${reader.name} read`, textsOf(reader), writer.accepted);
    const greetings = reader.name === 'creator' ? ['created', 'joined'] : ['ready'];
    expectEqual(`what ${reader.name} was told`, eventsOf(reader), greetings);
  }

  /** One long poll, and the acknowledgement of what it brought. */
  async #receive(reader: Person, allowed: Allowed = () => false): Promise<number> {
    const { results } = await this.#insist(reader, 'GET', 'messages.json', undefined, allowed);
    if (results.code !== 200 || results.messages.length === 0) return results.code;
    for (const message of results.messages) {
      const { _id, msg } = message;
      if (reader.acknowledged.has(_id)) throw new Error(`${reader.name} got ${msg} once more`);
      if (!reader.shown.some((shown) => shown._id === _id)) reader.shown.push(message);
    }
    const ids = results.messages.map(({ _id }) => ({ _id }));
    await this.#insist(reader, 'DELETE', 'messages.json', { data: { messages: ids } }, allowed);
    for (const { _id } of ids) reader.acknowledged.add(_id);
    return results.code;
  }

  async #expectGoodbye(reader: Person): Promise<void> {
    // The chat is removed with the last acknowledgement, whose answer may have been lost.
    const allowed: Allowed = (code) => code === 401;
    while (!eventsOf(reader).includes('closed')) {
      if ((await this.#receive(reader, allowed)) === 401) return;
    }
  }

  /** Makes a request until it is not answered by 503 any more. */
  async #insist(
    who: Partial<Pick<Person, 'chatToken' | 'userToken'>> | null,
    method: string,
    resource: string,
    body?: object,
    allowed: Allowed = () => false,
  ): Promise<{ results: Results }> {
    for (let refusals = 0; ; refusals++) {
      const begun = performance.now();
      const response = await fetch(`${this.#nextUrl()}/api/v1/${resource}`, {
        method,
        headers: {
          ...(who?.chatToken !== undefined && { 'X-SFC-chatToken': who.chatToken }),
          ...(who?.userToken !== undefined && { 'X-SFC-userToken': who.userToken }),
          ...(body && { 'Content-Type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const { results } = (await response.json()) as { results: Results };
      if (method !== 'GET') this.slowest = Math.max(this.slowest, performance.now() - begun);
      if (response.ok || allowed(response.status, refusals)) return { results };
      if (response.status !== 503 || response.headers.get('retry-after') === null) {
        throw new Error(`${method} ${resource} was answered by ${JSON.stringify(results)}`);
      }
      this.unavailable++;
      await sleep(PATIENCE);
    }
  }

  #nextUrl(): string {
    return this.#urls[this.#turn++ % this.#urls.length]!;
  }
}

/** Whether a refusal is explained by what happened before. */
type Allowed = (code: number, refusals: number) => boolean;

/** A repeat may find that the first attempt was carried out. */
const afterRefusal =
  (expected: number): Allowed =>
  (code, refusals) =>
    code === expected && refusals > 0;

const person = (
  name: string,
  { chatToken, userToken }: Pick<Results, 'chatToken' | 'userToken'>,
): Person => ({
  name,
  chatToken,
  userToken,
  accepted: [],
  shown: [],
  acknowledged: new Set(),
});

const textsOf = ({ shown }: Person): string[] =>
  shown.filter(({ system }) => !system).map(({ msg }) => msg);

const eventsOf = ({ shown }: Person): (string | undefined)[] =>
  shown.filter(({ system }) => system).map(({ event }) => event);

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== shouldBe) throw new Error(`${what} is ${is} instead of ${shouldBe}`);
}
