// The same resources on Fastify, as its documentation shows them.
import Fastify from 'fastify';
import { Chats, preloaded } from '../support/chats.mjs';
import { tellUrl } from '../support/tell-url.mjs';

const chats = new Chats(preloaded);
const app = Fastify();

const tokens = ({ headers }) => [headers['x-sfc-chattoken'], headers['x-sfc-usertoken']];
const answer = (reply, code, fields) => reply.code(code).send({ results: { code, ...fields } });

app.get('/healthz', (_request, reply) => answer(reply, 200, { msg: 'Ok' }));
app.post('/api/v1/chat.json', (_request, reply) => answer(reply, 201, chats.create()));
app.put('/api/v1/chat.json', (request, reply) =>
  answer(reply, 200, chats.join(tokens(request)[0])),
);

/** A handler that knows who asks. */
const asPerson = (handle) => (request, reply) => {
  const person = chats.find(...tokens(request));
  return person === undefined
    ? answer(reply, 401, { msg: 'Unauthorized' })
    : handle(person, request, reply);
};

app.get(
  '/api/v1/messages.json',
  asPerson((person, request, reply) => {
    chats.receive(person, request.query.longPolling !== 'false', (messages) =>
      answer(reply, 200, { count: messages.length, messages }),
    );
    return reply;
  }),
);
app.post(
  '/api/v1/messages.json',
  asPerson((person, request, reply) => {
    chats.send(person, request.body.data.messages);
    return answer(reply, 202, { msg: 'Accepted' });
  }),
);
app.delete(
  '/api/v1/messages.json',
  asPerson((person, request, reply) => {
    chats.acknowledge(person, request.body.data.messages);
    return answer(reply, 202, { msg: 'Accepted' });
  }),
);

await app.listen({ port: 0, host: '127.0.0.1' });
tellUrl(app.server.address().port);
