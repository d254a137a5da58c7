import { Gone } from './http-connection.mjs';

/** Chats that talk at the same time. */
const CHATS = 64;

export async function openChats(server, count = CHATS) {
  const chats = [];
  while (chats.length < count) chats.push({ ...(await server.openChat()), sent: 0 });
  return chats;
}

/** Messages after which a server is warm, whatever it is: by then its engine has compiled what a message needs. */
const WARM_AFTER = 15_000;

/** Milliseconds after which a server is taken as warm that needs longer for as many. */
const MOST_WARMING_MS = 20_000;

/** Lets a server handle as many messages as every other before it is measured; gives how many they were. */
export const warmUp = (chats) => talk(chats, MOST_WARMING_MS, WARM_AFTER);

/**
 * All chats at once for so long, or until so many messages were received, whichever comes first; gives how many
 * were.
 *
 * @param isInTurn whether the talker acknowledges only when the sender has the answer, of which no talker knows
 */
export async function talk(chats, milliseconds, most = Infinity, isInTurn = false) {
  const end = performance.now() + milliseconds;
  let count = 0;
  const goesOn = () => count < most && performance.now() < end;
  const received = () => {
    count += 1;
  };
  await Promise.all(chats.map((chat) => converse(chat, goesOn, received, isInTurn)));
  return count;
}

/** One message after the other, each received exactly once before the next. The poll stays held for the next round. */
async function converse(chat, goesOn, received, isInTurn) {
  if (chat.poll === undefined) poll(chat);
  while (goesOn()) {
    const id = idOf(chat.sent);
    chat.sent += 1;
    const sending = chat.sender.send(id, 'How are you?');
    await Promise.all([sending, hear(chat, id, isInTurn ? sending : undefined)]);
    received();
  }
}

/** The talker's part of a message: to receive it, acknowledge it, and poll again. */
async function hear(chat, id, before) {
  const messages = await next(chat);
  if (messages.length !== 1 || messages[0]._id !== id)
    throw new Error(`expected ${id} once, received ${JSON.stringify(messages)}`);
  await before;
  await chat.receiver.acknowledge(messages);
  poll(chat);
}

function poll(chat) {
  chat.poll = chat.receiver.receive();
  chat.poll.catch(ignoreGone);
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
