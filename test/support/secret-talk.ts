import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { newToken } from '../../src/chat/chat.ts';
import type { Token } from '../../src/protocol.ts';
import { authentication, GradAgendaClient, sending } from '../gateways/gradagenda/support.ts';
import type { Environment, WebProcess } from './processes.ts';
import type { Call, Method, Person } from './test-client.ts';

const PASSWORD = 'a long enough password';

/** Everything is logged, every door is open, and every limit is soon met. */
export const talkative: Environment = {
  LOG_LEVEL: 'trace',
  GATEWAYS: 'nereid,gradagenda',
  ADMIN_PASSWORD: PASSWORD,
  TRUST_PROXY: '1',
  METRICS_TOKEN: 'metrics',
  LIMIT_FAILED_JOINS: '4',
  LIMIT_LIVE_CHATS: '4',
};

/** Every status that the service has; which of them a talk has met is asserted. */
export const everyStatus = [
  101, 200, 201, 202, 204, 400, 401, 403, 404, 409, 410, 413, 415, 429, 501, 503,
];

/**
 * Conversations full of values that nobody else may ever see (canaries): in tokens, texts, ids, headers, addresses,
 * passwords and paths, through the API, both gateways and whatever is refused. Every answer is protected by its
 * headers, whatever its status.
 */
export class SecretTalk {
  readonly statuses = new Set<number>();
  readonly #secrets = new Set<string>();
  readonly #chats: { readonly creator: Person; readonly joiner: Person }[] = [];
  readonly #drafts: Person[] = [];
  readonly #addresses = ['203.0.113.77', '2001:db8:77:77::7'];
  #web: WebProcess;

  constructor(web: WebProcess) {
    this.#web = web;
    for (const address of this.#addresses) this.#secrets.add(address);
  }

  /** The same conversations go on at another process. */
  moveTo(web: WebProcess): void {
    this.#web = web;
  }

  /** Those of the secrets that stand somewhere in these bytes: as they are, as bytes or as Base64. */
  foundIn(bytes: Buffer | string): string[] {
    const where = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
    return [...this.#secrets].filter((secret) =>
      formsOf(secret).some((form) => where.includes(form)),
    );
  }

  /** Everything that can be said and much that is refused; what is said last is not received yet. */
  async talk(): Promise<void> {
    for (let count = 0; count < 3; count += 1) this.#chats.push(await this.#meet());
    const [api, nereid, gradagenda] = this.#chats;
    assert(api !== undefined && nereid !== undefined && gradagenda !== undefined);
    await this.#overTheApi(api.creator, api.joiner);
    await this.#overNereid(nereid.creator, nereid.joiner);
    await this.#overGradAgenda(gradagenda.creator, gradagenda.joiner);
    await this.#refused(api.creator, api.joiner);
    await this.#beyondLimits(api.creator);
    for (const { creator, joiner } of this.#chats) {
      await this.#send(creator, this.#text());
      await this.#send(joiner, this.#text());
    }
  }

  /** Everything is received, and every chat is left by both. */
  async end(): Promise<void> {
    for (const { creator, joiner } of this.#chats.splice(0)) {
      await this.#ask('DELETE', 'chat.json', { person: creator });
      await this.#send(joiner, this.#text());
      for (const person of [creator, joiner]) await this.#web.client.empty(person);
      await this.#ask('GET', 'chat.json', { person: creator });
    }
    for (const person of this.#drafts.splice(0)) {
      await this.#ask('DELETE', 'chat.json', { person });
      await this.#web.client.empty(person);
    }
  }

  /** What operators see of it all. */
  async operatorsPages(): Promise<string> {
    const password = Buffer.from(`operator:${PASSWORD}`).toString('base64');
    const authorized = { Authorization: `Basic ${password}` };
    const pages = ['/admin', '/admin?status=ready', '/admin?status=closed'].map((page) =>
      this.#web.client.raw('GET', page, { headers: authorized }).expect(200),
    );
    const metrics = this.#web.client
      .raw('GET', '/metrics', { headers: { Authorization: 'Bearer metrics' } })
      .expect(200);
    return (await Promise.all([...pages, metrics])).map(({ text }) => text).join('\n');
  }

  async #meet(): Promise<{ creator: Person; joiner: Person }> {
    const pair = await this.#web.client.pair();
    this.statuses.add(201).add(200);
    for (const { chatToken, userToken } of [pair.creator, pair.joiner]) {
      this.#secret(chatToken);
      this.#secret(userToken);
    }
    return pair;
  }

  async #overTheApi(creator: Person, joiner: Person): Promise<void> {
    const [text, _id] = [this.#text(), this.#secret(newToken())];
    const poll = this.#web.client.hold(joiner, '', this.#headers());
    await this.#send(creator, text, _id);
    const { results } = await poll.answer;
    for (const message of results.messages) this.#secret(message._id);
    await this.#send(creator, text, _id);
    await this.#web.client.empty(joiner);
    await this.#ask('PATCH', 'chat.json', { person: joiner, body: { data: { typing: true } } });
  }

  async #overNereid(creator: Person, joiner: Person): Promise<void> {
    const post = (resource: string, person: Person, fields: Record<string, string>) =>
      this.#raw('POST', `/nereid-chat/${resource}`, {
        person,
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams(fields).toString(),
      });
    const given = (await post('token', creator, {})).text;
    const token = this.#secret((JSON.parse(given) as { token: string }).token);
    const read = new AbortController();
    const stream = await fetch(`${this.#web.origin}/nereid-chat/stream/${token}?token=${token}`, {
      signal: read.signal,
    });
    assert.equal(stream.status, 200);
    const form = { thread_id: creator.chatToken, message: this.#text(), id: this.#text() };
    await post('send-message', joiner, form);
    await post('send-message', joiner, { ...form, thread_id: this.#secret(newToken()) });
    await post('start-session', joiner, { user: this.#text() });
    await this.#raw('GET', `/nereid-chat/stream/${this.#secret(newToken())}`);
    await this.#raw('GET', `/nereid-chat/stream/${token}%E0`);
    await stream.body?.getReader().read();
    read.abort();
  }

  async #overGradAgenda(creator: Person, joiner: Person): Promise<void> {
    const url = `${this.#web.origin.replace('http', 'ws')}/ws/gradagenda`;
    const options = { headers: this.#headers() };
    const one = await GradAgendaClient.enter(url, creator, 1, options);
    const two = await GradAgendaClient.enter(url, joiner, 2, options);
    this.statuses.add(101);
    const text = this.#text();
    await one.send(creator, text, this.#text());
    await two.text(text);
    await two.ask(sending(this.#secret(newToken()), this.#text()));
    one.say(`{"${this.#text()}`);
    await one.closed;
    const stranger = await GradAgendaClient.connect(url, options);
    const wrong = { ...creator, userToken: this.#secret(newToken()) };
    await stranger.ask(authentication(wrong, 1));
    await Promise.all([two.close(), stranger.close()]);
  }

  async #refused(creator: Person, joiner: Person): Promise<void> {
    const { chatToken, userToken } = creator;
    const wrong = { chatToken, userToken: this.#secret(newToken()) };
    const text = this.#text();
    await this.#ask('GET', 'chat.json', { person: wrong });
    await this.#ask('GET', `messages.json?token=${userToken}&text=${text}`, { person: wrong });
    await this.#ask('POST', 'chat.json', { person: { chatToken } });
    await this.#ask('PUT', 'chat.json', { person: { chatToken } });
    await this.#ask('PUT', 'messages.json', { person: joiner, body: { text } });
    await this.#ask('POST', 'chat.json', { headers: { 'Sec-Fetch-Site': 'cross-site' } });
    const broken = { person: creator, type: 'application/json', body: `{"${text}` };
    await this.#ask('POST', 'messages.json', broken);
    await this.#ask('POST', 'messages.json', { ...broken, body: text.padEnd(70_000, 'x') });
    await this.#ask('POST', 'messages.json', { ...broken, type: 'text/plain', body: text });
    await this.#send(creator, `${text}\0`);
    await this.#send(creator, text, text);
    await this.#raw('GET', `/${chatToken}?user=${userToken}#${text}`);
    await this.#raw('GET', `/api/v1/${chatToken}/${userToken}`);
    const report = {
      'csp-report': { 'document-uri': `https://example.org/#${text}`, sample: text },
    };
    await this.#raw('POST', '/csp-report', { type: 'application/json', body: report });
    const password = Buffer.from(`operator:${text}`).toString('base64');
    await this.#raw('GET', '/admin', {
      headers: { Authorization: `Basic ${this.#secret(password)}` },
    });
    await this.#notHttp(`GET /${chatToken} ${text}\r\n\r\n`);
    await this.#notHttp(`GET / HTTP/1.1\r\nHost: x\r\n${text} : ${userToken}\r\n\r\n`);
  }

  /** Invitations are guessed, and chats are created, until that is refused. */
  async #beyondLimits(creator: Person): Promise<void> {
    for (let count = 0; count < 6; count += 1) {
      await this.#ask('PUT', 'chat.json', { person: { chatToken: this.#secret(newToken()) } });
      const chatToken = this.#secret(newToken());
      const { status, text } = await this.#ask('POST', 'chat.json', { person: { chatToken } });
      if (status === 201) this.#drafts.push({ chatToken, userToken: this.#userTokenIn(text) });
    }
    const superseded = this.#web.client.hold(creator);
    superseded.answer.then(
      ({ status }) => this.statuses.add(status),
      () => undefined,
    );
    await this.#web.client.empty(creator);
    superseded.abort();
  }

  async #send(person: Person, msg: string, _id?: Token): Promise<void> {
    const message = { msg, ...(_id !== undefined && { _id }) };
    const body = { data: { messages: [message] } };
    await this.#ask('POST', 'messages.json', { person, body });
  }

  #ask(method: Method, resource: string, call: Call) {
    return this.#raw(method, `/api/v1/${resource}`, call);
  }

  async #raw(method: Method, path: string, { headers, ...call }: Call = {}) {
    const answer = await this.#web.client.raw(method, path, {
      ...call,
      headers: { ...this.#headers(), ...headers },
    });
    this.statuses.add(answer.status);
    const protection = answer.headers as Record<string, string>;
    assert.match(protection['content-security-policy'] ?? '', /^default-src 'none';/);
    assert.equal(protection['x-content-type-options'], 'nosniff');
    assert.equal(protection['referrer-policy'], 'no-referrer');
    assert.equal(protection['x-powered-by'], undefined);
    const mayKeep = path.startsWith('/api/') ? /^no-store$/ : /^no-(store|cache)$/;
    assert.match(protection['cache-control'] ?? '', mayKeep);
    return answer;
  }

  /** What is not HTTP at all; the answer is whatever it is. */
  async #notHttp(bytes: string): Promise<void> {
    const { hostname, port } = new URL(this.#web.origin);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
  }

  #headers(): Record<string, string> {
    const [one, other] = this.#addresses;
    return {
      'X-Forwarded-For': `${other}, ${one}`,
      'User-Agent': this.#text(),
      Cookie: `session=${this.#text()}`,
      Referer: `https://example.org/#${this.#text()}`,
      'X-Request-Id': this.#text(),
      'X-SFC-VERSION': 'v1',
    };
  }

  #userTokenIn(answer: string): Token {
    const { results } = JSON.parse(answer) as { results: { userToken: Token } };
    return this.#secret(results.userToken);
  }

  #text(): string {
    return this.#secret(`canary-${newToken()}`);
  }

  #secret(value: string): string {
    this.#secrets.add(value);
    return value;
  }
}

const formsOf = (secret: string): (string | Buffer)[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ...(/^[0-9a-f]{24}$/.test(secret) ? [Buffer.from(secret, 'hex')] : []),
];
