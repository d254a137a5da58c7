// Weight of the first visit: home and then chat, compressed as they are sent, with the encryption and one language.
// Says each part and the sum; exit code 1 above the budget of 45 KB. No arguments.
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const BUDGET = 45_000;
const root = path.resolve(import.meta.dirname, '..');

const server = spawn(process.execPath, ['dist/src/server.js'], {
  cwd: root,
  env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: ':memory:' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise((resolve, reject) => {
  let output = '';
  server.once('exit', () => reject(new Error(`The server did not start: ${output}`)));
  server.stdout.on('data', (chunk) => {
    output += chunk;
    const [, found] = /"url":"([^"]+)"/.exec(output) ?? [];
    if (found !== undefined) resolve(found);
  });
});

/** What a browser gets, and how many bytes it is on the way. */
function load(address, language) {
  const headers = { 'Accept-Encoding': 'br', 'Accept-Language': language };
  return new Promise((resolve, reject) => {
    request(new URL(address, url), { headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const isBrotli = response.headers['content-encoding'] === 'br';
        resolve({
          size: bytes.length,
          text: String(isBrotli ? brotliDecompressSync(bytes) : bytes),
        });
      });
    })
      .once('error', reject)
      .end();
  });
}

/** What a page or a script loads by itself; what is imported later, when somebody looks, is not among it. */
const loadedBy = (address, text) =>
  address.endsWith('.js')
    ? [...text.matchAll(/(?:from|import)"\.\/([\w.-]+)"/g)].map(([, file]) => `/assets/${file}`)
    : [...text.matchAll(/(?:src|href)="(\/(?:assets\/|favicon\.svg)[^"]*)"/g)].map(
        ([, file]) => file,
      );

async function weigh(language) {
  const sizes = new Map();
  const visit = async (address) => {
    if (sizes.has(address)) return;
    sizes.set(address, 0);
    const { size, text } = await load(address, language);
    sizes.set(address, size);
    for (const found of loadedBy(address, text)) await visit(found);
  };
  await visit('/');
  await visit('/chat');
  return sizes;
}

try {
  for (const language of ['en', 'uk', 'de', 'es', 'ar']) {
    const sizes = await weigh(language);
    const sum = [...sizes.values()].reduce((before, size) => before + size, 0);
    if (language === 'en') {
      for (const [address, size] of sizes) console.log(`${String(size).padStart(7)}  ${address}`);
    }
    console.log(`${String(sum).padStart(7)}  in all, ${language}, of ${BUDGET}`);
    if (sum > BUDGET) process.exitCode = 1;
  }
} finally {
  server.kill('SIGTERM');
}
