// The same work over Socket.IO, long polling or WebSocket as the client chooses.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { Chats, preloaded } from '../support/chats.mjs';
import { serve } from '../support/tell-url.mjs';

const chats = new Chats(preloaded);
const server = createServer();
// Nobody is asked for a sign of life: all wait while other servers are measured.
const io = new Server(server, { pingInterval: 3_600_000, pingTimeout: 3_600_000 });

io.on('connection', (socket) => {
  let person;
  socket.on('create', () => {
    const created = chats.create();
    person = chats.find(created.chatToken, created.userToken);
    person.socket = socket;
    socket.emit('admitted', created);
  });
  socket.on('join', (chatToken) => {
    const joined = chats.join(chatToken);
    person = chats.find(joined.chatToken, joined.userToken);
    person.socket = socket;
    socket.emit('admitted', joined);
  });
  // Whoever wants to know that an event was taken asks for an answer to it.
  socket.on('send', (messages, confirm) => {
    chats.send(person, messages);
    person.talker.socket.emit('messages', messages);
    confirm?.();
  });
  socket.on('acknowledge', (messages, confirm) => {
    chats.acknowledge(person, messages);
    confirm?.();
  });
});

serve(server);
