// The original's way: whoever holds a request asks the database again every three seconds. The database is a
// SQLite file, on disk as the original's was: what counts here is the wait, not the database.
import express from 'express';
import Database from 'libsql';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tellUrl } from '../support/tell-url.mjs';

const SLEEP_MS = 3000;
const ITERATIONS = 15;

const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-bench-'));
process.once('exit', () => rmSync(directory, { recursive: true }));
const db = new Database(path.join(directory, 'original.db'));
db.exec(`PRAGMA journal_mode = WAL;
  CREATE TABLE people (token TEXT PRIMARY KEY, chat TEXT);
  CREATE INDEX people_by_chat ON people (chat);
  CREATE TABLE messages (id TEXT, msg TEXT, addressee TEXT);
  CREATE INDEX messages_by_addressee ON messages (addressee)`);
const addPerson = db.prepare('INSERT INTO people VALUES (?, ?)');
const talker = db.prepare('SELECT token FROM people WHERE chat = ? AND token <> ?');
const addMessage = db.prepare('INSERT INTO messages VALUES (?, ?, ?)');
const inbox = db.prepare('SELECT id AS _id, msg FROM messages WHERE addressee = ? ORDER BY rowid');
const forget = db.prepare('DELETE FROM messages WHERE addressee = ? AND id = ?');
const newToken = () => randomBytes(12).toString('hex');

const app = express();
app.use(express.json());
const answer = (res, code, fields) => res.status(code).json({ results: { code, ...fields } });

const admit = (res, code, chatToken) => {
  const userToken = newToken();
  addPerson.run(userToken, chatToken);
  answer(res, code, { chatToken, userToken });
};
app.get('/healthz', (_req, res) => answer(res, 200, { msg: 'Ok' }));
app.post('/api/v1/chat.json', (_req, res) => admit(res, 201, newToken()));
app.put('/api/v1/chat.json', (req, res) => admit(res, 200, req.get('X-SFC-chatToken')));
app.get('/api/v1/messages.json', (req, res) => {
  let isGone = false;
  res.once('close', () => (isGone = true));
  const check = (left) => {
    if (isGone) return;
    const messages = inbox.all(req.get('X-SFC-userToken'));
    if (messages.length > 0 || left === 0 || req.query.longPolling === 'false')
      answer(res, 200, { count: messages.length, messages });
    else setTimeout(check, SLEEP_MS, left - 1);
  };
  check(ITERATIONS);
});
app.post('/api/v1/messages.json', (req, res) => {
  const { token } = talker.get(req.get('X-SFC-chatToken'), req.get('X-SFC-userToken'));
  for (const { _id, msg } of req.body.data.messages) addMessage.run(_id, msg, token);
  answer(res, 202, { msg: 'Accepted' });
});
app.delete('/api/v1/messages.json', (req, res) => {
  for (const { _id } of req.body.data.messages) forget.run(req.get('X-SFC-userToken'), _id);
  answer(res, 202, { msg: 'Accepted' });
});

const server = app.listen(0, '127.0.0.1', () => tellUrl(server.address().port));
