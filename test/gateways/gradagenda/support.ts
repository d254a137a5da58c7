import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { eventually } from '../../support/eventually.ts';
import type { Person } from '../../support/test-client.ts';
import type { TestService } from '../../support/test-service.ts';

/** Real milliseconds for an answer: less than Jest has for a test. */
const PATIENCE = 4000;

/** Whatever the server says; each action has those members that its type has. */
export interface Action {
  readonly type: string;
  readonly cdid?: string;
  readonly status?: string;
  readonly message?: unknown;
  readonly 'session-id'?: string;
  readonly 'session-type'?: string;
  readonly 'user-id'?: readonly string[];
  readonly 'sender-id'?: string;
  readonly 'sender-timestamp'?: number;
  readonly 'message-id'?: string;
  readonly event?: string;
}

const bodyOf = ({ message }: Action): string | undefined =>
  (message as { readonly body?: string } | undefined)?.body;

export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** A setting that turns the gateway on. */
export const gradagenda = { GATEWAYS: 'gradagenda' } as const;

export const creatorId = ({ chatToken }: Pick<Person, 'chatToken'>): string => `${chatToken}_1`;
export const joinerId = ({ chatToken }: Pick<Person, 'chatToken'>): string => `${chatToken}_2`;

export const urlOf = ({ server }: Pick<TestService, 'server'>, path = '/ws/gradagenda'): string =>
  `ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

/** A client that follows the document and knows nothing of what is extra here. */
export class GradAgendaClient {
  readonly socket: WebSocket;
  /** Payloads as they came. */
  readonly payloads: string[] = [];
  /** Each action of the server by itself, in order, batched or not. */
  readonly actions: Action[] = [];
  readonly closed: Promise<Close>;
  #cdids = 0;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on('message', (data: Buffer) => {
      this.payloads.push(data.toString());
      this.#take(JSON.parse(data.toString()) as Action);
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** @param at a service in this process, or the address of another */
  static async connect(
    at: TestService | string,
    options?: ClientOptions,
  ): Promise<GradAgendaClient> {
    const client = new GradAgendaClient(typeof at === 'string' ? at : urlOf(at), options);
    await once(client.socket, 'open');
    return client;
  }

  /** Somebody who has authenticated, and has read the answer to that. */
  static async enter(
    at: TestService | string,
    { chatToken, userToken }: Person,
    number: 1 | 2,
    options?: ClientOptions,
  ): Promise<GradAgendaClient> {
    const client = await GradAgendaClient.connect(at, options);
    const answer = await client.ask(authentication({ chatToken, userToken }, number));
    if (answer.status !== 'succeeded') throw new Error(JSON.stringify(answer));
    client.actions.shift();
    client.payloads.shift();
    return client;
  }

  say(payload: object | string): void {
    this.socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload));
  }

  /** Sends an action, with a `cdid` of its own unless it has one; gives the first answer to it from now on. */
  async ask(action: {
    readonly cdid?: string;
    readonly [member: string]: unknown;
  }): Promise<Action> {
    this.#cdids += 1;
    const { cdid = `ask-${this.#cdids}` } = action;
    const { length } = this.actions;
    this.say({ ...action, cdid });
    return this.find((answer, index) => answer.cdid === cdid && index >= length, cdid);
  }

  answerTo(cdid: string): Promise<Action> {
    return this.find((action) => action.cdid === cdid, `an answer to ${cdid}`);
  }

  /** The first action that is one of these, now or later. */
  async find(
    isIt: (action: Action, index: number) => boolean,
    what = 'such an action',
  ): Promise<Action> {
    await eventually(() => this.actions.some(isIt), what, PATIENCE);
    return this.actions.find(isIt)!;
  }

  /** The broadcast of a text, now or later. */
  text(body: string): Promise<Action> {
    return this.find((action) => bodyOf(action) === body, body);
  }

  /** Texts of the messages that have come from somebody. */
  textsFrom(sender: string): string[] {
    return this.actions
      .filter((action) => action['sender-id'] === sender)
      .map((action) => bodyOf(action) ?? '');
  }

  /** Sends a text; gives the answer. */
  send({ chatToken }: Pick<Person, 'chatToken'>, body: string, cdid?: string): Promise<Action> {
    return this.ask({ ...sending(chatToken, body), ...(cdid !== undefined && { cdid }) });
  }

  /** Resolves when the server has answered everything that it was sent before; leaves no trace. */
  async settled(): Promise<void> {
    const answer = await this.ask({ type: 'nothing that there is' });
    this.actions.splice(this.actions.indexOf(answer), 1);
  }

  close(): Promise<Close> {
    this.socket.close();
    return this.closed;
  }

  #take(action: Action & { readonly actions?: readonly Action[] }): void {
    if (action.type === 'batch-mode-action') this.actions.push(...(action.actions ?? []));
    else this.actions.push(action);
  }
}

export const authentication = ({ chatToken, userToken }: Person, number: 1 | 2) => ({
  type: 'authenticate',
  'user-id': `${chatToken}_${number}`,
  'device-id': 'test&00:00:5E:00:53:01',
  token: userToken,
});

export const sending = (chatToken: string, body: string, timestamp = 1_400_000_000_000) => ({
  type: 'request-sending-a-message',
  'session-id': chatToken,
  message: { type: 'text', body },
  'sender-timestamp': timestamp,
});
