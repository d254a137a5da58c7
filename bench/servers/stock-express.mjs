// The same resources the way Express is mostly used: helmet, a JSON parser, a router, res.json.
import express from 'express';
import helmet from 'helmet';
import { Chats, preloaded } from '../support/chats.mjs';
import { tellUrl } from '../support/tell-url.mjs';

const chats = new Chats(preloaded);
const app = express();
app.use(helmet());
app.use(express.json());

const answer = (res, code, fields) => res.status(code).json({ results: { code, ...fields } });

app.get('/healthz', (_req, res) => answer(res, 200, { msg: 'Ok' }));

const api = express.Router();
api.post('/chat.json', (_req, res) => answer(res, 201, chats.create()));
api.put('/chat.json', (req, res) => answer(res, 200, chats.join(req.get('X-SFC-chatToken'))));
api.use('/messages.json', (req, res, next) => {
  req.person = chats.find(req.get('X-SFC-chatToken'), req.get('X-SFC-userToken'));
  if (req.person === undefined) answer(res, 401, { msg: 'Unauthorized' });
  else next();
});
api.get('/messages.json', (req, res) => {
  chats.receive(req.person, req.query.longPolling !== 'false', (messages) =>
    answer(res, 200, { count: messages.length, messages }),
  );
});
api.post('/messages.json', (req, res) => {
  chats.send(req.person, req.body.data.messages);
  answer(res, 202, { msg: 'Accepted' });
});
api.delete('/messages.json', (req, res) => {
  chats.acknowledge(req.person, req.body.data.messages);
  answer(res, 202, { msg: 'Accepted' });
});
app.use('/api/v1', api);

const server = app.listen(0, '127.0.0.1', () => tellUrl(server.address().port));
