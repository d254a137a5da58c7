// Takes what it can get, in a process of its own so that it does not slow down whoever measures:
// `readers URL` with the tokens of people on standard input: each reads a full inbox again and again;
// `connections URL ADDRESS`: opens connections from one address and opens more, whatever it is told.
// Says one line when it has begun.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.mjs';

/** Connections at once that have no answer yet. */
const AT_ONCE = 50;

/** Milliseconds between two attempts of one who is refused. */
const AGAIN_MS = 5;

const [what, url, address] = process.argv.slice(2);

async function readers() {
  const people = JSON.parse(await text(process.stdin));
  const readAgain = async ({ chatToken, userToken }) => {
    const connection = new HttpConnection(url);
    const headers = { 'X-SFC-chatToken': chatToken, 'X-SFC-userToken': userToken };
    const bytes = connection.prepare('GET', '/api/v1/messages.json?longPolling=false', headers);
    for (;;) await connection.send(bytes);
  };
  process.stdout.write(`${people.length} readers\n`);
  await Promise.all(people.map(readAgain));
}

/** Opens connections until the address has all that it may have, and goes on. */
async function connections() {
  const { hostname, port } = new URL(url);
  let open = 0;
  let isTold = false;
  const openAgain = async () => {
    for (;;) {
      const socket = connect({ host: hostname, port: Number(port), localAddress: address });
      socket.on('error', () => undefined).resume();
      const isRefused = await Promise.race([
        new Promise((resolve) =>
          socket.once('data', () => resolve(true)).once('close', () => resolve(true)),
        ),
        sleep(100, false),
      ]);
      if (!isRefused) open += 1;
      else if (!isTold) {
        isTold = true;
        process.stdout.write(`${open} connections\n`);
      }
      if (isRefused) await sleep(AGAIN_MS * AT_ONCE);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openAgain));
}

async function text(stream) {
  let whole = '';
  for await (const chunk of stream) whole += chunk;
  return whole;
}

await (what === 'readers' ? readers() : connections());
