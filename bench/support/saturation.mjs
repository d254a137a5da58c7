import { Gone } from './http-connection.mjs';

/** Chats that talk at the same time. */
const CHATS = 64;

export async function openChats(server, count = CHATS) {
  const chats = [];
  while (chats.length < count) chats.push({ ...(await server.openChat()), sent: 0 });
  return chats;
}

/** All chats at once for so long; gives how many messages were received. */
export async function talk(chats, milliseconds) {
  const end = performance.now() + milliseconds;
  const counts = await Promise.all(chats.map((chat) => converse(chat, end)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** One message after the other, each received exactly once before the next. The poll stays held for the next round. */
async function converse(chat, end) {
  const { sender, receiver } = chat;
  let count = 0;
  chat.poll ??= receiver.receive();
  chat.poll.catch(ignoreGone);
  while (performance.now() < end) {
    const id = idOf(chat.sent);
    chat.sent += 1;
    const [messages] = await Promise.all([next(chat), sender.send(id, 'How are you?')]);
    if (messages.length !== 1 || messages[0]._id !== id)
      throw new Error(`expected ${id} once, received ${JSON.stringify(messages)}`);
    await receiver.acknowledge(messages);
    chat.poll = receiver.receive();
    chat.poll.catch(ignoreGone);
    count += 1;
  }
  return count;
}

/** What comes next; a poll that was held since the last round may end empty, and is followed by another. */
async function next(chat) {
  for (;;) {
    const messages = await chat.poll;
    if (messages.length > 0) return messages;
    chat.poll = chat.receiver.receive();
  }
}

const idOf = (number) => number.toString(16).padStart(24, '0');

/** The end of the measurement. */
function ignoreGone(error) {
  if (!(error instanceof Gone)) throw error;
}
