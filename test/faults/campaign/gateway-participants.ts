import { request, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { refusals } from '../../../src/protocol.ts';
import type { Said } from '../history/history.ts';
import {
  isPassing,
  Patience,
  saidIn,
  type Outgoing,
  type Participant,
  type ParticipantOptions,
  type SendOutcome,
} from './participant.ts';
import { RestParticipant } from './rest-participant.ts';

/** What a gateway says to whoever the service does not know. */
const UNAUTHORIZED = refusals.unauthorized.msg;

/** Milliseconds without an answer after which a client of a gateway gives a connection up. */
const PATIENCE_MS = 12_000;

/** A participant over a gateway: connects again and again until it is stopped, and drops ids that it has shown. */
abstract class Connected implements Participant {
  readonly tokens;
  readonly shown = new Set<string>();
  protected readonly options: ParticipantOptions;
  readonly #ids = new Set<string>();
  #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #cut: () => void = () => undefined;

  constructor(options: ParticipantOptions) {
    this.options = options;
    this.tokens = options.tokens;
  }

  abstract send(batch: readonly Outgoing[]): Promise<SendOutcome>;

  /** One connection; resolves when it has ended, with whether the chat is over. */
  protected abstract connect(onCut: (cut: () => void) => void): Promise<'again' | 'over'>;

  start(): void {
    this.#stopped = new AbortController();
    this.#running = this.#run(this.#stopped.signal);
  }

  reload(): void {
    this.#cut();
  }

  /** A second receiver ends the first; a client of a gateway that comes again is the same thing. */
  secondTab(): void {
    this.#cut();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#cut();
    await this.#running;
  }

  protected arrived(id: string, text: string): void {
    const { recorder, role } = this.options;
    const message = saidIn(text);
    const operation = recorder.invoke({ type: 'receive', by: role, isHeld: false });
    recorder.settle(operation, 'ok', { messages: [message] });
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.shown.add(message.id);
    recorder.note({ type: 'shown', by: role, message });
  }

  async #run(stopped: AbortSignal): Promise<void> {
    const patience = new Patience(this.options.random);
    while (!stopped.aborted) {
      const end = await this.connect((cut) => (this.#cut = cut));
      if (end === 'over') {
        this.options.onSurprise('a gateway says that the chat is over');
        return;
      }
      await patience.pause(stopped);
    }
  }
}

/** Over the event stream; says itself what it has got, by DELETE, which the gateway's document calls certain. */
export class NereidParticipant extends Connected {
  readonly #rest: RestParticipant;
  readonly #acknowledging = new Set<Promise<unknown>>();
  #lastId = '';

  constructor(options: ParticipantOptions) {
    super(options);
    this.#rest = new RestParticipant(options);
  }

  async send(batch: readonly Outgoing[]): Promise<SendOutcome> {
    for (const message of batch) {
      const outcome = await this.#sendOne(message);
      if (outcome !== 'ok') return outcome;
    }
    return 'ok';
  }

  async #sendOne({ id, text, wireId }: Outgoing): Promise<SendOutcome> {
    const { recorder, role, wire, tokens, onAccepted, onSurprise } = this.options;
    const operation = recorder.invoke({ type: 'send', by: role, messages: [{ id, text }] });
    try {
      const answer = await fetch(`${wire.origin}/nereid-chat/send-message`, {
        method: 'POST',
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: headersOf(tokens),
        body: new URLSearchParams({
          thread_id: tokens.chatToken,
          message: text,
          id: uuidOf(wireId),
        }),
      });
      await answer.text();
      const { status } = answer;
      const outcome = status === 200 ? 'ok' : status >= 500 ? 'unknown' : 'failed';
      recorder.settle(operation, outcome, { why: String(status) });
      if (status === 200) onAccepted(1);
      else if (!isPassing(status)) onSurprise(`nereid answered a send ${status}`);
      return status === 401 || status === 409 ? 'over' : outcome;
    } catch (error) {
      recorder.settle(operation, 'unknown', { why: String(error) });
      return 'unknown';
    }
  }

  protected async connect(onCut: (cut: () => void) => void): Promise<'again' | 'over'> {
    // A message that is pushed after its acknowledgement would be one from the dead.
    await Promise.allSettled(this.#acknowledging);
    const { wire, tokens } = this.options;
    const lastId = this.#lastId === '' ? {} : { 'Last-Event-ID': this.#lastId };
    return new Promise((resolve) => {
      const outgoing = request(`${wire.origin}/nereid-chat/stream`, {
        agent: false,
        headers: { ...headersOf(tokens), ...lastId },
      });
      let end: 'again' | 'over' = 'again';
      onCut(() => outgoing.destroy());
      outgoing.once('response', (response: IncomingMessage) => {
        if (response.statusCode === 401) this.options.onSurprise('nereid answered its stream 401');
        response.setEncoding('utf8');
        let rest = '';
        response.on('data', (chunk: string) => {
          rest += chunk;
          const blocks = rest.split('\n\n');
          rest = blocks.pop() ?? '';
          for (const block of blocks) if (this.#take(block)) end = 'over';
        });
        response.on('error', () => undefined);
      });
      outgoing.on('error', () => undefined);
      outgoing.once('close', () => {
        resolve(end);
      });
      outgoing.end();
    });
  }

  /** Whether these were the last words. */
  #take(block: string): boolean {
    if (block.startsWith(': closed') || block.startsWith(': gone')) return true;
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data === undefined) return false;
    const { message } = JSON.parse(data) as {
      message?: { id: string; text: string; sender: { objectType: string } };
    };
    if (message === undefined) return false;
    this.#lastId = message.id;
    const isOwn = message.sender.objectType !== 'sfchat.system';
    if (isOwn) this.arrived(message.id, message.text);
    const said: Said[] = isOwn ? [saidIn(message.text)] : [];
    const acknowledgement = this.#rest.acknowledge([message.id], said);
    this.#acknowledging.add(acknowledgement);
    void acknowledgement.finally(() => this.#acknowledging.delete(acknowledgement));
    return false;
  }
}

interface ServerAction {
  readonly type: string;
  readonly cdid?: string;
  readonly status?: string;
  readonly message?: string | { readonly body: string };
  readonly 'sender-id'?: string;
  readonly 'message-id'?: string;
  readonly actions?: readonly ServerAction[];
}

/** Over the WebSocket; the pong that its library sends by itself is the proof of arrival. */
export class GradAgendaParticipant extends Connected {
  #socket: WebSocket | null = null;
  readonly #answers = new Map<string, (action: ServerAction | null) => void>();

  async send(batch: readonly Outgoing[]): Promise<SendOutcome> {
    for (const message of batch) {
      const outcome = await this.#sendOne(message);
      if (outcome !== 'ok') return outcome;
    }
    return 'ok';
  }

  async #sendOne({ id, text, wireId }: Outgoing): Promise<SendOutcome> {
    const { recorder, role, tokens, onAccepted } = this.options;
    const operation = recorder.invoke({ type: 'send', by: role, messages: [{ id, text }] });
    const answer = await this.#ask(wireId, {
      type: 'request-sending-a-message',
      'session-id': tokens.chatToken,
      message: { type: 'text', body: text },
      'sender-timestamp': Date.now(),
    });
    const isStored = answer?.type === 'message-broadcast';
    // Refusals of a full inbox and of a storage that is away come in the same form.
    recorder.settle(operation, isStored ? 'ok' : 'unknown', { why: JSON.stringify(answer) });
    if (isStored) onAccepted(1);
    return isStored ? 'ok' : 'unknown';
  }

  #ask(cdid: string, action: object): Promise<ServerAction | null> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        socket.terminate();
      }, PATIENCE_MS);
      this.#answers.set(cdid, (answer) => {
        clearTimeout(timer);
        this.#answers.delete(cdid);
        resolve(answer);
      });
      socket.send(JSON.stringify({ ...action, cdid }));
    });
  }

  protected connect(onCut: (cut: () => void) => void): Promise<'again' | 'over'> {
    const { wire, tokens, role } = this.options;
    const number = role === 'creator' ? 1 : 2;
    const socket = new WebSocket(`${wire.origin.replace('http', 'ws')}/ws/gradagenda`);
    onCut(() => {
      socket.terminate();
    });
    socket.on('error', () => undefined);
    socket.once('open', () => {
      const entering = {
        cdid: 'enter',
        type: 'authenticate',
        'user-id': `${tokens.chatToken}_${number}`,
        'device-id': 'campaign',
        token: tokens.userToken,
      };
      socket.send(JSON.stringify(entering));
    });
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString()) as ServerAction, socket);
    });
    return new Promise((resolve) => {
      socket.once('close', (code) => {
        this.#socket = null;
        for (const answer of [...this.#answers.values()]) answer(null);
        resolve(code === 1000 ? 'over' : 'again');
      });
    });
  }

  #take(action: ServerAction, socket: WebSocket): void {
    for (const one of action.actions ?? []) this.#take(one, socket);
    if (action.cdid === 'enter') {
      if (action.status === 'succeeded') this.#socket = socket;
      else {
        if (action.message === UNAUTHORIZED) this.options.onSurprise('gradagenda lets nobody in');
        socket.terminate();
      }
    } else if (action.cdid !== undefined) this.#answers.get(action.cdid)?.(action);
    else if (action.type === 'message-broadcast' && isOfATalker(action)) {
      const { message } = action;
      if (typeof message === 'object') this.arrived(action['message-id'] ?? '', message.body);
    }
  }
}

const isOfATalker = (action: ServerAction): boolean => action['sender-id'] !== 'sfchat.system';

const headersOf = ({ chatToken, userToken }: ParticipantOptions['tokens']) => ({
  'X-SFC-chatToken': chatToken,
  'X-SFC-userToken': userToken,
});

/** A UUID (version 4) that has the 24 digits of a token in it. */
const uuidOf = (token: string): string =>
  `${token.slice(0, 8)}-${token.slice(8, 12)}-4${token.slice(12, 15)}-8${token.slice(15, 18)}-${token.slice(18)}000000`;
