// What a browser loads on its first visit, compressed as it is sent: the page and everything that it names; and what both
// pages are together, one after the other, since the second loads nothing again that they share.
import { request } from 'node:http';
import { startServer } from '../support/servers.mjs';

export const about = 'bytes of a first visit of the home page and of the chat, compressed';

export async function run() {
  const server = await startServer('memory');
  try {
    const result = {};
    for (const page of ['/', '/chat']) result[page] = await weigh(server.url, [page]);
    return { ...result, 'both, one after the other': await weigh(server.url, ['/', '/chat']) };
  } finally {
    await server.stop();
  }
}

/** Bytes of all bodies, and how many there are. */
async function weigh(url, pages) {
  const seen = new Set();
  const waiting = [...pages];
  let bytes = 0;
  while (waiting.length > 0) {
    const path = waiting.shift();
    if (seen.has(path)) continue;
    seen.add(path);
    bytes += (await load(url, path, 'br')).length;
    const text = (await load(url, path, 'identity')).toString();
    waiting.push(...named(path, text).map((name) => new URL(name, `${url}${path}`).pathname));
  }
  return { bytes, files: seen.size };
}

/** What a browser loads without being asked: scripts, styles and icons of a page, modules of a module. */
function named(path, text) {
  const isPage = !path.includes('.');
  const pattern = isPage
    ? /<(?:script|link)\b[^>]*?\b(?:src|href)="([^"#?]+\.(?:js|css|svg|webmanifest|json))"/g
    : /(?:\bfrom|\bimport)\s*"(\.[^"]+\.js)"/g;
  return [...text.matchAll(pattern)].map(([, name]) => name);
}

const load = (url, path, encoding) =>
  new Promise((resolve, reject) => {
    const options = { headers: { 'Accept-Encoding': encoding } };
    request(`${url}${path}`, options, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('end', () => {
        if (res.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`${path} was answered ${res.statusCode}`));
      });
    })
      .on('error', reject)
      .end();
  });

export const print = (result) =>
  Object.entries(result)
    .map(([page, { bytes, files }]) => `${page.padEnd(25)} ${bytes} bytes in ${files} files\n`)
    .join('');
