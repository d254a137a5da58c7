// How much of bare Node.js is left: small answers per second of the service, of an app on stock Express
// with the same middleware, and of bare node:http, side by side in one run. Read the ratios, not the
// rates: those are the machine's.
//
//   npm run bench -- requests [seconds per server, default 3]
import { Pool } from 'undici';
import { startServer } from './support/servers.mjs';

const seconds = Number(process.argv[2] ?? 3);
const rounds = 3;
const connections = 50;

/** Answers per second over so many connections that are never idle. */
async function rate(url) {
  const pool = new Pool(url, { connections });
  const deadline = performance.now() + seconds * 1000;
  let answers = 0;
  const client = async () => {
    while (performance.now() < deadline) {
      const { body, statusCode } = await pool.request({ path: '/healthz', method: 'GET' });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
      answers += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  await pool.destroy();
  return answers / seconds;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const kinds = ['service', 'stock-express', 'bare-node'];
const servers = Object.fromEntries(
  await Promise.all(kinds.map(async (kind) => [kind, await startServer(kind)])),
);
const rates = Object.fromEntries(kinds.map((kind) => [kind, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) rates[kind].push(await rate(servers[kind].url));
  }
} finally {
  await Promise.all(Object.values(servers).map((server) => server.stop()));
}

for (const kind of kinds) {
  const all = rates[kind].map((value) => Math.round(value)).join(', ');
  const ratio = median(rates[kind].map((value, round) => value / rates['bare-node'][round]));
  process.stdout.write(
    `${kind.padEnd(14)} ${ratio.toFixed(2)} of bare Node.js   (${all} answers/s)\n`,
  );
}
