// How long the built server takes from its start to its first answer, and how much memory it then has; so many
// starts, the median with the least and the most. With the directory of another checkout that is built, such as
// the version before a change, both take turns in one run.
//
//   npm run bench -- start [starts, default 9] [directory of another checkout]
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const here = path.resolve(import.meta.dirname, '..');
const [starts = '9', other] = process.argv.slice(2);
const checkouts = [here, ...(other === undefined ? [] : [path.resolve(other)])];

/** Resident kibibytes of a process; Linux alone says it this way. */
const residentKiB = (pid) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Milliseconds until the server says that it is ready, and resident mebibytes a moment after one answer. */
async function measure(directory) {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/src/server.js'], {
    cwd: directory,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: ':memory:' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`${directory} ended with ${code}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const line = text.split('\n').find((found) => found.includes('"url"'));
      if (line !== undefined) resolve(JSON.parse(line).url);
    });
  });
  await (await fetch(`${url}/healthz`)).arrayBuffer();
  const ready = performance.now() - begun;
  await new Promise((resolve) => setTimeout(resolve, 500));
  const resident = residentKiB(child.pid) / 1024;
  child.kill('SIGTERM');
  await ended;
  return { ready, resident };
}

function summary(values, unit) {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, median, most] = [0, 0.5, 1].map(
    (share) => sorted[Math.round(share * (sorted.length - 1))],
  );
  return `${median.toFixed(0)} ${unit} (${least.toFixed(0)} to ${most.toFixed(0)})`;
}

const found = new Map(checkouts.map((directory) => [directory, []]));
for (let start = 0; start < Number(starts); start += 1) {
  for (const directory of checkouts) found.get(directory).push(await measure(directory));
}
for (const [directory, runs] of found) {
  const name = directory === here ? 'this checkout' : 'the other checkout';
  const ready = summary(
    runs.map((run) => run.ready),
    'ms',
  );
  const resident = summary(
    runs.map((run) => run.resident),
    'MiB',
  );
  process.stdout.write(`${name}: ready after ${ready}, resident ${resident}\n`);
}
