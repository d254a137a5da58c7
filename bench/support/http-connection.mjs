import { connect } from 'node:net';

/**
 * One connection to a server that asks for one thing after the other, and as little else as a client can do:
 * what a measurement costs must not be what it measures. Understands answers with a `Content-Length`.
 */
export class HttpConnection {
  #url;
  #socket = null;
  #received = '';
  /** What waits for an answer, in order; the first is under way. */
  #waiting = [];

  /** @param {string} url origin of the server */
  constructor(url) {
    this.#url = new URL(url);
  }

  /** The bytes of a request, for those that are sent again and again. */
  prepare(method, path, headers = {}, body = '') {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const hasBody = body !== '' || method === 'POST';
    const length = hasBody ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : '';
    return `${method} ${path} HTTP/1.1\r\nHost: ${this.#url.host}\r\n${lines.join('')}${length}\r\n${body}`;
  }

  /** Sends a prepared request as soon as the earlier ones are answered; gives `code` and `body` of its answer. */
  send(bytes) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject, isRepeated: false });
      if (this.#waiting.length === 1) this.#writeFirst();
    });
  }

  /** Whoever still waits is told with {@link Gone}. */
  close() {
    this.#fail(new Gone());
    this.#socket?.destroy();
    this.#socket = null;
  }

  #connect() {
    const { hostname, port } = this.#url;
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => this.#take(chunk));
    // 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed(socket));
    return socket;
  }

  #writeFirst() {
    this.#socket ??= this.#connect();
    this.#socket.write(this.#waiting[0].bytes, 'utf8');
  }

  /**
   * A server closes a connection that nobody has used for a while, perhaps in the moment in which somebody does:
   * what it has not seen is sent again over a new one, as every client does.
   */
  #closed(socket) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#received = '';
    const [first] = this.#waiting;
    if (first === undefined) return;
    if (first.isRepeated) this.#fail(new Error('the server closed a connection without an answer'));
    else {
      first.isRepeated = true;
      this.#writeFirst();
    }
  }

  #take(chunk) {
    this.#received = this.#received === '' ? chunk : this.#received + chunk;
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.#received.slice(0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
      if (Number.isNaN(length)) {
        this.#fail(new Error(`an answer without length: ${head}`));
        return;
      }
      const next = end + 4 + length;
      if (this.#received.length < next) return;
      const body = this.#received.slice(end + 4, next);
      this.#received = this.#received.slice(next);
      this.#waiting.shift().resolve({ code: Number(head.slice(9, 12)), body });
      if (this.#waiting.length > 0) this.#writeFirst();
    }
  }

  #fail(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** The measurement itself closed the connection: the end of a measurement is no fault. */
export class Gone extends Error {}
