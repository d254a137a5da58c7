import { WebSocket } from 'ws';
import { Gone, HttpConnection } from './http-connection.mjs';

/**
 * Somebody in a chat over Socket.IO, speaking its protocol as plainly as the HTTP client does (Engine.IO 4:
 * `4` is a message, `40` connects, `42` is an event, `43` the server's answer to one, `2` and `3` are ping and pong).
 */
class SocketIoPerson {
  /** Messages that came while nobody received, and who receives. */
  #messages = [];
  #receiver = null;
  #onAdmitted;
  #admission = new Promise((resolve) => (this.#onAdmitted = resolve));
  #isConfirmed;
  /** Who waits for an answer to which event. */
  #unanswered = new Map();
  #emitted = 0;

  /** @param {boolean} isConfirmed whether the server answers each event, as it answers each request over HTTP */
  constructor(isConfirmed) {
    this.#isConfirmed = isConfirmed;
  }

  async admit(event, ...args) {
    await this.emit(`42${JSON.stringify([event, ...args])}`);
    return this.#admission;
  }

  /** Resolves when the message was accepted, or, where nothing is confirmed, when it was posted. */
  async send(_id, msg) {
    await this.#ask('send', [{ _id, msg }]);
  }

  async acknowledge(messages) {
    if (messages.length === 0) return;
    await this.#ask(
      'acknowledge',
      messages.map(({ _id }) => ({ _id })),
    );
  }

  /** What has come and nobody has received, or the next that comes. */
  async receive() {
    if (this.#messages.length > 0) return this.#messages.splice(0);
    return new Promise((resolve) => (this.#receiver = resolve));
  }

  take(packet) {
    if (packet.startsWith('42')) this.#takeEvent(packet.slice(2));
    else if (packet.startsWith('43')) this.#takeAnswer(packet.slice(2));
  }

  async #ask(...event) {
    if (!this.#isConfirmed) return this.emit(`42${JSON.stringify(event)}`);
    this.#emitted += 1;
    const id = String(this.#emitted);
    const answered = new Promise((resolve) => this.#unanswered.set(id, resolve));
    await this.emit(`42${id}${JSON.stringify(event)}`);
    return answered;
  }

  #takeEvent(text) {
    const [event, data] = JSON.parse(text);
    if (event === 'admitted') this.#onAdmitted(data);
    else {
      this.#messages.push(...data);
      this.#receiver?.(this.#messages.splice(0));
      this.#receiver = null;
    }
  }

  #takeAnswer(text) {
    const id = text.slice(0, text.indexOf('['));
    this.#unanswered.get(id)();
    this.#unanswered.delete(id);
  }
}

/** Polls all the time, as Socket.IO's own client does, and posts over a connection of its own. */
class PollingPerson extends SocketIoPerson {
  #poster;
  #poller;
  #path;

  static async connect(url, isConfirmed) {
    const person = new PollingPerson(isConfirmed);
    person.#poster = new HttpConnection(url);
    person.#poller = new HttpConnection(url);
    const path = '/socket.io/?EIO=4&transport=polling';
    const { body } = await person.#poller.send(person.#poller.prepare('GET', path));
    person.#path = `${path}&sid=${JSON.parse(body.slice(1)).sid}`;
    await person.emit('40');
    await person.#poll();
    void person.#keepPolling();
    return person;
  }

  async emit(packet) {
    const bytes = this.#poster.prepare('POST', this.#path, {}, packet);
    const { code, body } = await this.#poster.send(bytes);
    if (code !== 200) throw new Error(`a packet was answered ${code} ${body}`);
  }

  close() {
    this.#poster.close();
    this.#poller.close();
  }

  /** Until it is closed; an answer that is no answer ends the measurement. */
  async #keepPolling() {
    try {
      for (;;) await this.#poll();
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  }

  async #poll() {
    const { code, body } = await this.#poller.send(this.#poller.prepare('GET', this.#path));
    if (code !== 200) throw new Error(`a poll was answered ${code} ${body}`);
    for (const packet of body.split('\x1e')) {
      if (packet === '2') await this.emit('3');
      else this.take(packet);
    }
  }
}

class WebSocketPerson extends SocketIoPerson {
  #socket;

  static async connect(url, isConfirmed) {
    const person = new WebSocketPerson(isConfirmed);
    const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, { perMessageDeflate: false });
    person.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.on('message', (data) => {
        const packet = data.toString();
        if (packet.startsWith('0')) socket.send('40');
        else if (packet.startsWith('40')) resolve();
        else if (packet === '2') socket.send('3');
        else person.take(packet);
      });
    });
    return person;
  }

  emit(packet) {
    this.#socket.send(packet);
    return Promise.resolve();
  }

  close() {
    this.#socket.terminate();
  }
}

/**
 * @param {'polling' | 'websocket'} transport
 * @param {boolean} isConfirmed whether senders and receivers wait for the server's answer
 */
export async function openSocketIoChat(url, transport, isConfirmed) {
  const Person = transport === 'polling' ? PollingPerson : WebSocketPerson;
  const [sender, receiver] = await Promise.all([
    Person.connect(url, isConfirmed),
    Person.connect(url, isConfirmed),
  ]);
  const { chatToken } = await sender.admit('create');
  await receiver.admit('join', chatToken);
  return { sender, receiver };
}
