import type { WebSocket } from 'ws';
import { failures, type Failure } from '../../chat/failures.ts';
import type { GatewayContext } from '../gateway.ts';
import { messageIds } from '../participants.ts';
import type { Authenticate } from './authentication.ts';
import {
  parseActions,
  type ClientAction,
  type ClientActionOf,
  type Malformed,
} from './client-actions.ts';
import { endings } from './endings.ts';
import { Heartbeat } from './heartbeat.ts';
import { Member } from './member.ts';
import { closeCodes, readPayload, type Closing, type Payload } from './payloads.ts';
import { failed, succeeded } from './server-actions.ts';
import { Turns } from './turns.ts';
import { Wire } from './wire.ts';

/** Milliseconds for a client to authenticate. */
const AUTHENTICATION_TIMEOUT_MS = 10_000;

/** Attempts to authenticate that may fail on one connection. */
const MOST_FAILED_ATTEMPTS = 3;

/** After the first there is none; and what the first knew of its request is not kept for hours. */
const refuseAnother: Authenticate = () => Promise.reject(failures.unauthorized());

const policy = (reason: string): Closing => ({ code: closeCodes.policy, reason });

export interface ConnectionOptions {
  readonly gateway: GatewayContext;
  /** For the request that has become this connection. */
  readonly authenticate: Authenticate;
  /** The refusal that a client is told for whatever was thrown. */
  readonly toFailure: (error: unknown) => Failure;
  readonly socket: WebSocket;
}

/**
 * One connection from its opening to its end: first it authenticates, then its actions are carried out one after
 * the other, and what comes for its participant is handed over.
 */
export class Connection {
  readonly #context: Omit<ConnectionOptions, 'authenticate'>;
  #authenticate: Authenticate;
  readonly #wire: Wire;
  readonly #heartbeat: Heartbeat;
  readonly #turns: Turns<Payload>;
  readonly #cancelDeadline: () => void;
  #failedAttempts = 0;
  #member: Member | null = null;
  #isClosing = false;

  constructor(context: ConnectionOptions) {
    const { authenticate, ...kept } = context;
    const { socket, gateway } = kept;
    const { clock } = gateway;
    this.#context = kept;
    this.#authenticate = authenticate;
    this.#wire = new Wire(socket, clock);
    this.#heartbeat = new Heartbeat({
      socket,
      clock,
      onArrived: (mark) => this.#member?.arrived(mark),
      onGone: () => {
        socket.terminate();
      },
    });
    this.#turns = new Turns({
      handle: (payload) => this.#handle(payload),
      onFull: () => {
        socket.pause();
      },
      onRoom: () => {
        socket.resume();
      },
    });
    this.#cancelDeadline = clock.after(AUTHENTICATION_TIMEOUT_MS, () => {
      this.close(policy('no authentication in time'));
    });
    this.#listen(socket);
  }

  /** Ends the connection in the words of the protocol, after the answer to what is being carried out. */
  close(closing: Closing): void {
    if (this.#isClosing) return;
    this.#end();
    this.#wire.endSoon();
    void this.#turns.stop().then(() => {
      if (closing === endings.closed || closing === endings.gone) this.#member?.sayEnd();
      this.#wire.close(closing);
    });
  }

  #listen(socket: WebSocket): void {
    socket.on('message', (data: Buffer, isBinary) => {
      this.#turns.take(readPayload(data, isBinary));
    });
    socket.on('pong', (data) => {
      this.#heartbeat.pong(data);
    });
    // What broke the rules of WebSocket has been answered with its close code already.
    socket.on('error', () => {
      this.#end();
      this.#wire.endSoon();
    });
    socket.once('close', () => {
      this.#end();
      void this.#turns.stop();
    });
  }

  /** Nothing more is expected of the client. */
  #end(): void {
    this.#isClosing = true;
    this.#cancelDeadline();
    this.#heartbeat.stop();
    this.#member?.end();
  }

  async #handle({ object, closing }: Payload): Promise<void> {
    if (object === undefined) {
      this.close(closing);
      return;
    }
    for (const action of parseActions(object)) {
      if (this.#isClosing) return;
      await this.#carryOut(action);
      await this.#wire.hasRoom();
    }
  }

  async #carryOut(action: ClientAction | Malformed): Promise<void> {
    try {
      if (this.#member === null) await this.#admit(action);
      else if ('reason' in action) this.#wire.say(failed(action.cdid, action.reason));
      else this.#wire.say(await this.#member.answer(action));
    } catch (error) {
      this.#wire.say(failed(action.cdid, reasonOf(this.#context.toFailure(error))));
    }
  }

  /** Before authentication nothing else is carried out (GradAgenda, section 2.1). */
  async #admit(action: ClientAction | Malformed): Promise<void> {
    if (action.type !== 'authenticate') {
      this.#wire.say(failed(action.cdid, 'authenticate first'));
      this.close(policy('authenticate first'));
      return;
    }
    const reason = 'reason' in action ? action.reason : await this.#enter(action);
    if (reason === null) return;
    this.#wire.say(failed(action.cdid, reason));
    this.#failedAttempts += 1;
    if (this.#failedAttempts >= MOST_FAILED_ATTEMPTS) this.close(policy('authentication failed'));
  }

  /** Makes the connection its participant's receiver; gives why not. */
  async #enter(action: ClientActionOf<'authenticate'>): Promise<string | null> {
    const { gateway, toFailure } = this.#context;
    try {
      const participant = await this.#authenticate(action);
      const { chat } = await gateway.service.state(participant);
      if (this.#isClosing) return 'too late';
      this.#member = new Member({
        gateway,
        wire: this.#wire,
        heartbeat: this.#heartbeat,
        participant,
        messageIds: messageIds(action.token),
        isPaired: chat.joiner !== null,
        onEnded: (ending) => {
          this.close(endings[ending]);
        },
      });
    } catch (error) {
      return reasonOf(toFailure(error));
    }
    this.#cancelDeadline();
    this.#authenticate = refuseAnother;
    this.#wire.say(succeeded(action.cdid));
    return null;
  }
}

/** What a status response says of a refusal: its words, and when to try again. */
const reasonOf = ({ message, retryAfterMs }: Failure): string =>
  retryAfterMs === undefined
    ? message
    : `${message}: try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s`;
