// Makes a file of the journal: directory, chats, undelivered messages in each, remembered ids in each.
import Database from 'libsql';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { prepareSchema } from '../../dist/src/embedded/journal/schema.js';

const token = () => randomBytes(12).toString('hex');

const directory = process.argv[2];
const [chats, messages, ids] = process.argv.slice(3).map(Number);
const db = new Database(path.join(directory, 'sfchat.db'));
db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
prepareSchema(db);
const chat = db.prepare(
  `INSERT INTO chats VALUES (?, ?, 'ready', 0, 360000, ?, NULL, ?, ?, 0, NULL)`,
);
const message = db.prepare(`INSERT INTO messages VALUES (?, ?, 'joiner', ?, ?, 0, NULL, ?)`);
let place = 0;
db.transaction(() => {
  for (let number = 1; number <= chats; number += 1) {
    chat.run(number, token(), Date.now(), token(), token());
    for (let index = 0; index < ids; index += 1)
      message.run((place += 1), number, token(), null, Date.now());
    for (let index = 0; index < messages; index += 1)
      message.run((place += 1), number, token(), `What was said as number ${index}`, Date.now());
  }
})();
db.close();
