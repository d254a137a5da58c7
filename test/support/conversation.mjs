// Starts the built server with the Node.js given as argument (default: this one) and plays a short
// conversation over HTTP: does the service as users will run it work on that version?
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const node = process.argv[2] ?? process.execPath;
const dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-conversation-'));

const server = spawn(node, ['dist/src/server.js'], {
  cwd: root,
  env: {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    SFCHAT_MODE: 'embedded',
    LOG_LEVEL: 'info',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});

/** The first line of the log says where the server listens, and on which version it runs. */
function ready() {
  return new Promise((resolve, reject) => {
    let log = '';
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${log}`)));
    server.stdout.on('data', (chunk) => {
      log += chunk;
      if (log.includes('\n')) resolve(JSON.parse(log.split('\n')[0]));
    });
  });
}

async function play(url) {
  const call = async (method, resource, tokens = {}, data = undefined) => {
    const response = await fetch(`${url}/api/v1/${resource}`, {
      method,
      headers: {
        ...(tokens.chatToken && { 'X-SFC-chatToken': tokens.chatToken }),
        ...(tokens.userToken && { 'X-SFC-userToken': tokens.userToken }),
        ...(data && { 'Content-Type': 'application/json' }),
      },
      ...(data && { body: JSON.stringify({ data }) }),
    });
    const { results } = await response.json();
    assert.equal(response.status, results.code);
    return results;
  };

  assert.equal((await fetch(`${url}/`)).status, 200);
  const creator = await call('POST', 'chat.json');
  assert.equal(creator.code, 201);
  const joiner = await call('PUT', 'chat.json', { chatToken: creator.chatToken });
  assert.equal(joiner.code, 200);
  const first = await call('GET', 'messages.json', joiner);
  await call('DELETE', 'messages.json', joiner, {
    messages: first.messages.map(({ _id }) => ({ _id })),
  });

  const held = call('GET', 'messages.json', joiner);
  assert.equal(
    (await call('POST', 'messages.json', creator, { messages: [{ msg: 'Hi' }] })).code,
    202,
  );
  assert.deepEqual(
    (await held).messages.map(({ msg }) => msg),
    ['Hi'],
  );
  assert.equal((await call('DELETE', 'chat.json', creator)).code, 202);
  assert.equal((await call('GET', 'messages.json', joiner)).status, 'closed');
}

try {
  const { url, node: version } = await ready();
  await play(url);
  process.stdout.write(`A conversation went well on Node.js ${version}\n`);
} finally {
  server.removeAllListeners('exit');
  if (server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(dataDir, { recursive: true, force: true });
}
