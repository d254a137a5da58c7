// Loaded before a server (`node --import`): counts the commands that its MongoDB driver sends, and writes the counts
// to the file that BENCH_COMMANDS names whenever it is told to by SIGUSR2.
import { writeFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';

const counts = {};
const watched = new WeakSet();
const connect = MongoClient.prototype.connect;

MongoClient.prototype.connect = function connectCounting() {
  if (!watched.has(this)) {
    watched.add(this);
    this.options.monitorCommands = true;
    this.on('commandStarted', ({ commandName }) => {
      counts[commandName] = (counts[commandName] ?? 0) + 1;
    });
  }
  return connect.call(this);
};

process.on('SIGUSR2', () => {
  writeFileSync(process.env.BENCH_COMMANDS, JSON.stringify(counts));
});
