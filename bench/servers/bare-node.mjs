// The upper bound: the same resources on bare node:http, with nothing around them.
import { createServer } from 'node:http';
import { Chats, preloaded } from '../support/chats.mjs';
import { serve } from '../support/tell-url.mjs';

const chats = new Chats(preloaded);

function answer(res, code, fields) {
  const body = JSON.stringify({ results: { code, ...fields } });
  const length = Buffer.byteLength(body);
  res.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': length }).end(body);
}

function withBody(req, run) {
  let text = '';
  req.setEncoding('utf8');
  req.on('data', (chunk) => (text += chunk));
  req.on('end', () => run(JSON.parse(text).data.messages));
}

const tokens = ({ headers }) => [headers['x-sfc-chattoken'], headers['x-sfc-usertoken']];

const resources = {
  'GET /healthz': (_req, res) => answer(res, 200, { msg: 'Ok' }),
  'POST /api/v1/chat.json': (_req, res) => answer(res, 201, chats.create()),
  'PUT /api/v1/chat.json': (req, res) => answer(res, 200, chats.join(tokens(req)[0])),
};

const messages = {
  GET: (req, res, person) => {
    const isLongPoll = !req.url.includes('longPolling=false');
    chats.receive(person, isLongPoll, (list) =>
      answer(res, 200, { count: list.length, messages: list }),
    );
  },
  POST: (req, res, person) =>
    withBody(req, (list) => {
      chats.send(person, list);
      answer(res, 202, { msg: 'Accepted' });
    }),
  DELETE: (req, res, person) =>
    withBody(req, (list) => {
      chats.acknowledge(person, list);
      answer(res, 202, { msg: 'Accepted' });
    }),
};

serve(
  createServer((req, res) => {
    const [path] = req.url.split('?', 1);
    if (path !== '/api/v1/messages.json') {
      resources[`${req.method} ${path}`](req, res);
      return;
    }
    const person = chats.find(...tokens(req));
    if (person === undefined) answer(res, 401, { msg: 'Unauthorized' });
    else messages[req.method](req, res, person);
  }),
);
