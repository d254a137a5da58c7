import { randomBytes } from 'node:crypto';

/**
 * The same chat work for every server that is compared with SFChat, in memory and without a check: two people,
 * an inbox each, a message kept until its addressee acknowledges it, one held request. What a server costs on
 * top is its way of handling requests.
 */
export class Chats {
  #people = new Map();

  /** @param {number} preloaded chats that are there from the start, see {@link tokenOf} */
  constructor(preloaded = 0) {
    for (let index = 0; index < preloaded; index += 1) {
      const chatToken = tokenOf('c', index);
      this.#join(chatToken, tokenOf('a', index), tokenOf('b', index));
    }
  }

  create() {
    const [chatToken, userToken] = [newToken(), newToken()];
    this.#add(chatToken, userToken);
    return { chatToken, userToken };
  }

  join(chatToken) {
    const userToken = newToken();
    const creator = this.#people.get(chatToken);
    const joiner = this.#add(chatToken, userToken);
    [creator.talker, joiner.talker] = [joiner, creator];
    return { chatToken, userToken };
  }

  /** Whom two tokens name. */
  find(chatToken, userToken) {
    const person = this.#people.get(userToken);
    return person?.chatToken === chatToken ? person : undefined;
  }

  /** Puts messages into the talker's inbox and answers their held request. */
  send({ talker }, messages) {
    for (const { _id = newToken(), msg } of messages) talker.inbox.push({ _id, msg });
    const { held } = talker;
    talker.held = null;
    held?.(talker.inbox);
  }

  acknowledge(person, messages) {
    const ids = new Set(messages.map(({ _id }) => _id));
    person.inbox = person.inbox.filter(({ _id }) => !ids.has(_id));
  }

  /** Gives the inbox to `answer`: at once when there is something in it or nobody waits, else with the next message. */
  receive(person, isLongPoll, answer) {
    if (person.inbox.length > 0 || !isLongPoll) answer(person.inbox);
    else person.held = answer;
  }

  #add(chatToken, userToken) {
    const person = { chatToken, inbox: [], talker: null, held: null };
    this.#people.set(userToken, person);
    // The first of a chat is found by its token, too, until the second has come.
    if (!this.#people.has(chatToken)) this.#people.set(chatToken, person);
    return person;
  }

  #join(chatToken, ...userTokens) {
    const [creator, joiner] = userTokens.map((userToken) => this.#add(chatToken, userToken));
    [creator.talker, joiner.talker] = [joiner, creator];
  }
}

const newToken = () => randomBytes(12).toString('hex');

/** The token of somebody in a chat that was there from the start: `c` its chat, `a` its creator, `b` its joiner. */
export const tokenOf = (who, index) => `${who}${String(index).padStart(23, '0')}`;

export const preloaded = Number(process.env.PRELOADED ?? 0);
