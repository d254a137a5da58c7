import { WebSocket } from 'ws';
import { HttpConnection } from './http-connection.mjs';

/**
 * Somebody in a chat over Socket.IO, speaking its protocol as plainly as the HTTP client does (Engine.IO 4:
 * `4` is a message, `40` connects, `42` is an event, `2` and `3` are ping and pong).
 */
class SocketIoPerson {
  /** Messages that came while nobody received, and who receives. */
  #messages = [];
  #receiver = null;
  #onAdmitted;
  #admission = new Promise((resolve) => (this.#onAdmitted = resolve));

  async admit(event, ...args) {
    await this.emit(event, ...args);
    return this.#admission;
  }

  async send(_id, msg) {
    await this.emit('send', [{ _id, msg }]);
  }

  async acknowledge(messages) {
    if (messages.length > 0)
      await this.emit(
        'acknowledge',
        messages.map(({ _id }) => ({ _id })),
      );
  }

  takeEvent(text) {
    const [event, data] = JSON.parse(text);
    if (event === 'admitted') this.#onAdmitted(data);
    else {
      this.#messages.push(...data);
      this.#receiver?.(this.#messages.splice(0));
      this.#receiver = null;
    }
  }

  hasMessages() {
    return this.#messages.length > 0;
  }

  /** What has come and nobody has received, or the next that comes. */
  async nextMessages() {
    if (this.#messages.length > 0) return this.#messages.splice(0);
    return new Promise((resolve) => (this.#receiver = resolve));
  }
}

class PollingPerson extends SocketIoPerson {
  #poster;
  #poller;
  #path;

  static async connect(url) {
    const person = new PollingPerson();
    person.#poster = new HttpConnection(url);
    person.#poller = new HttpConnection(url);
    const path = '/socket.io/?EIO=4&transport=polling';
    const { body } = await person.#poller.send(person.#poller.prepare('GET', path));
    person.#path = `${path}&sid=${JSON.parse(body.slice(1)).sid}`;
    await person.#post('40');
    await person.#poll();
    return person;
  }

  async admit(event, ...args) {
    const admission = super.admit(event, ...args);
    await this.#poll();
    return admission;
  }

  emit(...event) {
    return this.#post(`42${JSON.stringify(event)}`);
  }

  async receive() {
    // What came with an earlier poll comes first: another poll may be held for long.
    while (!this.hasMessages()) await this.#poll();
    return this.nextMessages();
  }

  close() {
    this.#poster.close();
    this.#poller.close();
  }

  async #post(packet) {
    const bytes = this.#poster.prepare('POST', this.#path, {}, packet);
    const { code, body } = await this.#poster.send(bytes);
    if (code !== 200) throw new Error(`a packet was answered ${code} ${body}`);
  }

  async #poll() {
    const { code, body } = await this.#poller.send(this.#poller.prepare('GET', this.#path));
    if (code !== 200) throw new Error(`a poll was answered ${code} ${body}`);
    for (const packet of body.split('\x1e')) {
      if (packet === '2') await this.#post('3');
      else if (packet.startsWith('42')) this.takeEvent(packet.slice(2));
    }
  }
}

class WebSocketPerson extends SocketIoPerson {
  #socket;

  static async connect(url) {
    const person = new WebSocketPerson();
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
        else if (packet.startsWith('42')) person.takeEvent(packet.slice(2));
      });
    });
    return person;
  }

  emit(...event) {
    this.#socket.send(`42${JSON.stringify(event)}`);
    return Promise.resolve();
  }

  receive() {
    return this.nextMessages();
  }

  close() {
    this.#socket.terminate();
  }
}

/** @param {'polling' | 'websocket'} transport */
export async function openSocketIoChat(url, transport) {
  const Person = transport === 'polling' ? PollingPerson : WebSocketPerson;
  const [sender, receiver] = await Promise.all([Person.connect(url), Person.connect(url)]);
  const { chatToken } = await sender.admit('create');
  await receiver.admit('join', chatToken);
  return { sender, receiver };
}
