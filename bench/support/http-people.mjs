import { HttpConnection } from './http-connection.mjs';

const MESSAGES = '/api/v1/messages.json';
const json = { 'Content-Type': 'application/json' };

/** Somebody in a chat over the resources of SFChat, with one connection, as a page has one per person. */
export class HttpPerson {
  #connection;
  #headers;
  #poll;

  /** @param query of its polls */
  constructor(url, { chatToken, userToken }, query = '') {
    this.#connection = new HttpConnection(url);
    this.#headers = { 'X-SFC-chatToken': chatToken, 'X-SFC-userToken': userToken };
    this.#poll = this.#connection.prepare('GET', `${MESSAGES}${query}`, this.#headers);
  }

  /** Resolves when the message was accepted. */
  async send(_id, msg) {
    await this.#change('POST', [{ _id, msg }]);
  }

  /** What the held request is answered with. */
  async receive() {
    return this.#messagesIn(await this.#connection.send(this.#poll));
  }

  async acknowledge(messages) {
    if (messages.length === 0) return;
    await this.#change(
      'DELETE',
      messages.map(({ _id }) => ({ _id })),
    );
  }

  /** Empties the inbox of what the server itself put there. */
  async emptyInbox() {
    const path = `${MESSAGES}?longPolling=false`;
    const bytes = this.#connection.prepare('GET', path, this.#headers);
    await this.acknowledge(this.#messagesIn(await this.#connection.send(bytes)));
  }

  close() {
    this.#connection.close();
  }

  #messagesIn({ code, body }) {
    if (code !== 200) throw new Error(`receive was answered ${code} ${body}`);
    return JSON.parse(body).results.messages;
  }

  async #change(method, messages) {
    const body = JSON.stringify({ data: { messages } });
    const bytes = this.#connection.prepare(method, MESSAGES, { ...this.#headers, ...json }, body);
    const { code, body: answer } = await this.#connection.send(bytes);
    if (code !== 202) throw new Error(`${method} was answered ${code} ${answer}`);
  }
}

/** Opens chats one after the other over one connection; gives their tokens. */
export async function openHttpTokens(url, count) {
  const connection = new HttpConnection(url);
  const call = async (method, headers, data) => {
    const body = data === undefined ? '' : JSON.stringify({ data });
    const bytes = connection.prepare(
      method,
      '/api/v1/chat.json',
      { ...headers, ...(body && json) },
      body,
    );
    const answer = await connection.send(bytes);
    if (answer.code >= 300) throw new Error(`${method} was answered ${answer.code} ${answer.body}`);
    return JSON.parse(answer.body).results;
  };
  const chats = [];
  for (let index = 0; index < count; index += 1) {
    const creator = await call('POST', {});
    const joiner = await call('PUT', { 'X-SFC-chatToken': creator.chatToken });
    chats.push({ creator, joiner });
  }
  connection.close();
  return chats;
}

/** Opens a chat; both inboxes are empty then. */
export async function openHttpChat(url) {
  const [{ creator, joiner }] = await openHttpTokens(url, 1);
  const chat = { sender: new HttpPerson(url, creator), receiver: new HttpPerson(url, joiner) };
  await Promise.all([chat.sender.emptyInbox(), chat.receiver.emptyInbox()]);
  return chat;
}
