import { connect, createServer } from 'node:net';

/** Commands by which a driver looks after its connections, and not after anybody's chat. */
const housekeeping = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions', 'saslStart']);

const OP_MSG = 2013;

/**
 * Stands between a server and its MongoDB and counts the operations that the driver asks for: one for each
 * message of the wire protocol whose command is about data.
 *
 * @param {string} uri of MongoDB
 */
export async function countOperations(uri) {
  const { hostname, port } = new URL(uri);
  const [counts, answered] = [{}, {}];
  const sockets = new Set();
  const server = createServer((client) => {
    const database = connect(Number(port || 27017), hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', () => undefined);
    }
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
    database.pipe(client);
    client.pipe(database);
    const underWay = new Map();
    client.on(
      'data',
      eachMessage(({ id, command }) => {
        if (housekeeping.has(command)) return;
        count(counts, command);
        underWay.set(id, command);
      }),
    );
    database.on(
      'data',
      eachMessage(({ answers }) => {
        if (underWay.has(answers)) count(answered, underWay.get(answers));
        underWay.delete(answers);
      }),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(uri);
  through.hostname = '127.0.0.1';
  through.port = String(server.address().port);
  through.searchParams.set('directConnection', 'true');
  return {
    uri: through.href,
    total: () => Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts,
    answered: (command) => answered[command] ?? 0,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const count = (counts, command) => {
  counts[command] = (counts[command] ?? 0) + 1;
};

/** Calls `found` for each whole message of a stream with its number, the one that it answers, and its command. */
function eachMessage(found) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 16) {
      const length = rest.readInt32LE(0);
      if (rest.length < length) return;
      // Header, flags, kind of section, length of its document, type of its first element: then its name.
      if (rest.readInt32LE(12) === OP_MSG) {
        const command = rest.toString('latin1', 26, rest.indexOf(0, 26));
        found({ id: rest.readInt32LE(4), answers: rest.readInt32LE(8), command });
      }
      rest = rest.subarray(length);
    }
  };
}
