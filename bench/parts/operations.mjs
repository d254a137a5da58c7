// How often SFChat asks MongoDB for each message, counted on the wire between its driver and the database:
// somebody sends, the talker's held poll answers, the talker acknowledges and polls again.
import { countOperations } from '../support/counting-proxy.mjs';
import { openChats, talk } from '../support/saturation.mjs';
import { possible, startServer } from '../support/servers.mjs';

export const about = 'MongoDB operations for each message';

const CHATS = 8;

export async function run({ isQuick }) {
  if (possible(['distributed']).length === 0) return {};
  const proxy = await countOperations(process.env.MONGODB_URI);
  const server = await startServer('distributed', { MONGODB_URI: proxy.uri });
  const chats = await openChats(server, CHATS);
  try {
    await talk(chats, 1000);
    const before = { ...proxy.counts };
    const total = proxy.total();
    const messages = await talk(chats, isQuick ? 1500 : 5000);
    const each = (count) => Number((count / messages).toFixed(2));
    const commands = Object.entries(proxy.counts).map(([name, count]) => [
      name,
      each(count - (before[name] ?? 0)),
    ]);
    return { perMessage: each(proxy.total() - total), commands: Object.fromEntries(commands) };
  } finally {
    for (const { sender, receiver } of chats) [sender, receiver].forEach((one) => one.close());
    await server.stop();
    proxy.close();
  }
}

export const print = ({ perMessage, commands }) =>
  perMessage === undefined
    ? 'operations: needs MONGODB_URI and REDIS_URL\n'
    : `operations\n${perMessage} MongoDB operations a message: ${JSON.stringify(commands)}\n`;
