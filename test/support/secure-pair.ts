import {
  beginHandshake,
  generateCode,
  openSecureChat,
  receiveMessage,
  sendText,
  type Role,
  type SecureChat,
  type SecureEvent,
  type SentText,
} from '../../src/crypto/index.ts';
import { otherRole } from '../../src/crypto/derivations.ts';
import { honest, type Meddler, type Passing } from './hostile-relay.ts';

/** One participant who keeps the state in memory and everything that happened. */
export class Participant {
  readonly events: SecureEvent[] = [];
  state: SecureChat;

  constructor(state: SecureChat) {
    this.state = state;
  }

  async take(msg: string): Promise<readonly string[]> {
    const step = await receiveMessage(this.state, msg);
    this.state = step.state;
    this.events.push(...step.events);
    return step.outgoing;
  }

  /** All events of one type, oldest first. */
  all<T extends SecureEvent['type']>(type: T): Extract<SecureEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<SecureEvent, { type: T }> => event.type === type,
    );
  }

  texts(): string[] {
    return this.all('text').map(({ text }) => text);
  }
}

/** Two participants and a server between them that may be hostile; no transport, no time. */
export class SecurePair {
  readonly creator: Participant;
  readonly joiner: Participant;
  readonly code: string;
  meddler: Meddler = honest;

  private constructor(code: string, creator: SecureChat, joiner: SecureChat) {
    this.code = code;
    this.creator = new Participant(creator);
    this.joiner = new Participant(joiner);
  }

  /** Both have the code and nothing else. */
  static async invited(code = generateCode()): Promise<SecurePair> {
    const [creator, joiner] = [openSecureChat('creator', code), openSecureChat('joiner', code)];
    return new SecurePair(code, await creator, await joiner);
  }

  /** Both have completed a handshake. */
  static async secured(code = generateCode()): Promise<SecurePair> {
    const pair = await SecurePair.invited(code);
    await pair.begin('creator');
    return pair;
  }

  /** One begins a handshake; both react until nothing is under way. */
  async begin(role: Role): Promise<void> {
    const step = await beginHandshake(this[role].state);
    this[role].state = step.state;
    await this.post(role, step.outgoing);
  }

  /** One loses everything but the code and what is remembered beside it. */
  async loseKeys(role: Role): Promise<void> {
    this[role].state = await openSecureChat(role, this.code, this[role].state.memory);
  }

  /** One sends a text; both react until nothing is under way. */
  async say(role: Role, text: string): Promise<SentText> {
    const { sent, envelope } = await this.seal(role, text);
    await this.post(role, [envelope]);
    return sent;
  }

  /** An envelope that waits to be posted. */
  async seal(role: Role, text: string): Promise<{ sent: SentText; envelope: string }> {
    const { state, outgoing, sent } = await sendText(this[role].state, text);
    this[role].state = state;
    return { sent, envelope: outgoing[0]! };
  }

  /** Hands messages to the server; both react until nothing is under way. */
  async post(from: Role, messages: readonly string[]): Promise<void> {
    const to = otherRole(from);
    const waiting = messages.map((msg): Passing => ({ to, msg }));
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      for (const passing of await this.meddler(next)) {
        const talker = otherRole(passing.to);
        for (const msg of await this[passing.to].take(passing.msg)) {
          waiting.push({ to: talker, msg });
        }
      }
    }
  }
}
