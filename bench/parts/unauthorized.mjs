// How long the server takes to say 401, by what is wrong: whoever tries tokens must not learn from the time whether a
// chat exists. One client asks for one kind after the other, so that whatever else the machine does hits all alike.
import { randomBytes } from 'node:crypto';
import { summary } from '../support/figures.mjs';
import { HttpConnection } from '../support/http-connection.mjs';
import { possible, startServer } from '../support/servers.mjs';

export const about = 'whether the time of a 401 tells what was wrong';

const ROUNDS = 20_000;
const CHAT = '/api/v1/chat.json';
const MESSAGES = '/api/v1/messages.json';

const token = () => randomBytes(12).toString('hex');

export async function run({ isQuick, only }) {
  const results = {};
  for (const name of possible(only ?? ['memory', 'disk', 'distributed'])) {
    const server = await startServer(name, { LIMIT_FAILED_AUTHENTICATIONS: '1000000' });
    const connection = new HttpConnection(server.url);
    try {
      results[name] = await measure(connection, isQuick ? ROUNDS / 10 : ROUNDS);
    } finally {
      connection.close();
      await server.stop();
    }
  }
  return results;
}

/** Median microseconds of each kind of 401, and how they compare with those for a chat that never was. */
async function measure(connection, rounds) {
  const kinds = Object.entries(await kindsOf(connection));
  const times = kinds.map(() => []);
  for (let round = -rounds / 10; round < rounds; round += 1) {
    for (const index of shuffled(kinds.keys())) {
      const request = kinds[index][1]();
      const begun = performance.now();
      const { code } = await connection.send(request);
      const microseconds = (performance.now() - begun) * 1000;
      if (code !== 401) throw new Error(`${kinds[index][0]}: ${code}`);
      if (round >= 0) times[index].push(microseconds);
    }
  }
  const medians = times.map((each) => summary(each).median);
  return Object.fromEntries(
    kinds.map(([name], index) => [
      name,
      { microseconds: medians[index], ratio: Number((medians[index] / medians[0]).toFixed(3)) },
    ]),
  );
}

/** No kind always follows the same other one. */
const shuffled = (indexes) =>
  [...indexes]
    .map((index) => ({ index, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ index }) => index);

/** What makes a request of each kind, with user tokens that were never seen but for the last two. */
async function kindsOf(connection) {
  const as = (chatToken, userToken) => ({
    'X-SFC-chatToken': chatToken,
    'X-SFC-userToken': userToken,
  });
  const ask = async (method, path, headers, body) => {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const text = body === undefined ? '' : JSON.stringify({ data: body });
    const bytes = connection.prepare(method, path, { ...headers, ...type }, text);
    return JSON.parse((await connection.send(bytes)).body).results;
  };
  const meet = async () => {
    const { chatToken, userToken } = await ask('POST', CHAT);
    const joined = await ask('PUT', CHAT, { 'X-SFC-chatToken': chatToken });
    return { chatToken, creator: userToken, joiner: joined.userToken };
  };
  const [chat, other, gone] = [await meet(), await meet(), await meet()];
  await ask('DELETE', CHAT, as(gone.chatToken, gone.creator));
  for (const userToken of [gone.creator, gone.joiner]) {
    const headers = as(gone.chatToken, userToken);
    const { messages } = await ask('GET', `${MESSAGES}?longPolling=false`, headers);
    const ids = messages.map(({ _id }) => ({ _id }));
    await ask('DELETE', MESSAGES, headers, { messages: ids });
  }
  // Each costs this process the same.
  const get = (chatToken, userToken) => {
    const strange = as(token(), token());
    const known = as(chatToken, userToken);
    const named = Object.entries(known).filter(([, value]) => value !== undefined);
    return connection.prepare('GET', CHAT, { ...strange, ...Object.fromEntries(named) });
  };
  return {
    'no such chat': () => get(),
    'a wrong user token': () => get(chat.chatToken),
    'the user token of another chat': () => get(chat.chatToken, other.creator),
    'the tokens of a chat that was removed': () => get(gone.chatToken, gone.creator),
  };
}

export const print = (results) =>
  [
    'unauthorized',
    ...Object.entries(results).flatMap(([server, kinds]) =>
      Object.entries(kinds).map(
        ([kind, { microseconds, ratio }]) =>
          `${server}, ${kind}: ${microseconds} µs, ${ratio} of that for no such chat`,
      ),
    ),
    '',
  ].join('\n');
