import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import request from 'supertest';
import {
  API_BASE,
  headerNames,
  type AdmissionResults,
  type InboxResults,
  type StateResults,
  type SystemEvent,
  type Token,
} from '../../src/protocol.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS';

/** Who calls: the two tokens of a participant. */
export interface Person {
  readonly chatToken: Token;
  readonly userToken: Token;
}

/** The fields that answers may have; each answer has those of its resource. */
export type Results = { readonly code: number; readonly msg: string } & AdmissionResults &
  Omit<StateResults, 'talker'> &
  Omit<InboxResults, 'talker'> & {
    readonly talker: StateResults['talker'] & InboxResults['talker'];
  };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly results: Results;
}

export interface Call {
  readonly person?: Partial<Person>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
  readonly type?: string;
}

/** A long poll under way. */
export interface HeldPoll {
  readonly answer: Promise<Answer>;
  /** The client goes away. */
  abort(): void;
}

export interface TestMessage {
  readonly msg: string;
  readonly _id?: Token;
}

export const textsIn = ({ results }: Answer): string[] => results.messages.map(({ msg }) => msg);

export const eventsIn = ({ results }: Answer): (SystemEvent | undefined)[] =>
  results.messages.map(({ event }) => event);

/** Speaks the protocol to a listening server, and checks of every answer what holds for all of them. */
export class TestClient {
  readonly #server: Server | string;
  readonly #base: string;

  /** @param server one in this process, or the origin of another */
  constructor(server: Server | string, base: string = API_BASE) {
    this.#server = server;
    this.#base = base;
  }

  /** The same server by the other form of its addresses. */
  at(base: string): TestClient {
    return new TestClient(this.#server, base);
  }

  /** Any request, exactly as given; nothing is checked. */
  raw(method: Method, path: string, { person, headers, body, type }: Call = {}): request.Test {
    const verb = method.toLowerCase() as Lowercase<Method>;
    const call = request(this.#server)[verb](path);
    if (person?.chatToken !== undefined) void call.set(headerNames.chatToken, person.chatToken);
    if (person?.userToken !== undefined) void call.set(headerNames.userToken, person.userToken);
    if (headers !== undefined) void call.set(headers);
    if (type !== undefined) void call.set('Content-Type', type);
    if (body !== undefined) void call.send(body);
    return call;
  }

  async call(method: Method, resource: string, call: Call = {}): Promise<Answer> {
    return toAnswer(await this.raw(method, `${this.#base}/${resource}`, call));
  }

  create(chat: { chatToken?: Token; encrypted?: boolean } = {}): Promise<Answer> {
    const { chatToken, encrypted } = chat;
    return this.call('POST', 'chat.json', {
      ...(chatToken !== undefined && { person: { chatToken } }),
      ...(encrypted !== undefined && { body: { data: { encrypted } } }),
    });
  }

  join(chatToken: Token, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call('PUT', 'chat.json', { person: { chatToken }, headers });
  }

  state(person: Person): Promise<Answer> {
    return this.call('GET', 'chat.json', { person });
  }

  close(person: Person): Promise<Answer> {
    return this.call('DELETE', 'chat.json', { person });
  }

  /** What is in the inbox now. */
  receive(person: Person): Promise<Answer> {
    return this.call('GET', 'messages.json?longPolling=false', { person });
  }

  /** Starts a long poll. */
  hold(person: Person, query = '', headers: Readonly<Record<string, string>> = {}): HeldPoll {
    const poll = this.raw('GET', `${this.#base}/messages.json${query}`, { person, headers });
    const answer = poll.then(toAnswer);
    // Whoever aborts a poll does not wait for its answer.
    answer.catch(() => undefined);
    return { answer, abort: () => void poll.abort() };
  }

  send(person: Person, ...messages: readonly (string | TestMessage)[]): Promise<Answer> {
    const list = messages.map((message) =>
      typeof message === 'string' ? { msg: message } : message,
    );
    return this.call('POST', 'messages.json', { person, body: { data: { messages: list } } });
  }

  acknowledge(person: Person, ...ids: readonly Token[]): Promise<Answer> {
    const messages = ids.map((_id) => ({ _id }));
    return this.call('DELETE', 'messages.json', { person, body: { data: { messages } } });
  }

  /** Reads and acknowledges everything; gives what it was. */
  async empty(person: Person): Promise<Answer> {
    const inbox = await this.receive(person);
    const ids = inbox.results.messages.map(({ _id }) => _id);
    if (ids.length > 0) assert.equal((await this.acknowledge(person, ...ids)).status, 202);
    return inbox;
  }

  /** Somebody who has just created a chat. */
  async creator(chat: { chatToken?: Token; encrypted?: boolean } = {}): Promise<Person> {
    const { status, results } = await this.create(chat);
    assert.equal(status, 201);
    return { chatToken: results.chatToken, userToken: results.userToken };
  }

  /** Somebody who has just joined. */
  async joiner({ chatToken }: Pick<Person, 'chatToken'>): Promise<Person> {
    const { status, results } = await this.join(chatToken);
    assert.equal(status, 200);
    return { chatToken, userToken: results.userToken };
  }

  /** Two people who can talk. */
  async pair(chat: { encrypted?: boolean } = {}): Promise<{ creator: Person; joiner: Person }> {
    const creator = await this.creator(chat);
    return { creator, joiner: await this.joiner(creator) };
  }

  /** Two people who have read everything there was. */
  async quietPair(
    chat: { encrypted?: boolean } = {},
  ): Promise<{ creator: Person; joiner: Person }> {
    const { creator, joiner } = await this.pair(chat);
    await this.empty(creator);
    await this.empty(joiner);
    return { creator, joiner };
  }
}

/** Every answer under `/api` is an envelope that repeats its status, and nobody may keep it. */
function toAnswer({ status, headers, text }: request.Response): Answer {
  const { results } = JSON.parse(text) as { results: Results };
  assert.equal(results.code, status, text);
  assert.match(results.msg, /./);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  return { status, headers, text, results };
}
