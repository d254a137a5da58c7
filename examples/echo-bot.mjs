// A bot that answers: node examples/echo-bot.mjs [SERVER]
// It opens one chat after the other, each for one guest, and prints the link to hand over.
import { SfChat } from 'sfchat';

const [server = 'http://127.0.0.1:8000'] = process.argv.slice(2);

for (;;) {
  const chat = await SfChat.create({ server });
  for await (const event of chat) {
    if (event.event === 'invitation') console.log(event.link);
    if (event.event === 'secure') chat.send(`Hello! Our words: ${event.words.join(' ')}`);
    if (event.event === 'message' && event.text === 'bye') void chat.close();
    else if (event.event === 'message')
      chat.send([...`You said: ${event.text}`].slice(0, 140).join(''));
    if (event.event === 'warning') console.error(`warning: ${event.reason}`);
    if (event.event === 'closed') console.log(`closed: ${event.reason}`);
  }
}
