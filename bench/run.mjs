// `npm run bench -- PART …` measures; `all` measures everything and writes docs/performance; without a part it says
// what there is. README.md beside this says more.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { arePinned, leaveServerCore } from './support/cores.mjs';
import { writeReport } from './report/write.mjs';

/** In the order in which they run; those that load the disk come last. */
const all = [
  'messages',
  'chats',
  'delivery',
  'held-polls',
  'operations',
  'start',
  'page',
  'profile',
  'termination',
];
const parts = [...all, ...others()];

function others() {
  return readdirSync(path.join(import.meta.dirname, 'parts'))
    .map((file) => path.basename(file, '.mjs'))
    .filter((name) => !all.includes(name));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    /** Writes docs/performance even so. */
    write: { type: 'boolean', default: false },
    /** Servers, by their names in support/servers.mjs, separated by commas. */
    only: { type: 'string' },
  },
});

const load = (name) => import(`./parts/${name}.mjs`);

/** What other people's servers need is not among the packages of SFChat. */
function assertInstalled() {
  try {
    createRequire(import.meta.url).resolve('fastify');
  } catch {
    throw new Error('first: npm ci --ignore-scripts --prefix bench');
  }
}

async function list() {
  const lines = await Promise.all(
    parts.map(async (name) => `  ${name.padEnd(12)} ${(await load(name)).about}\n`),
  );
  process.stdout.write(
    `npm run bench -- all | PART … [--quick] [--only SERVER,…]\n${lines.join('')}`,
  );
}

/** A part that broke is measured once more: minutes of other figures should not be lost to it. */
async function runPart(name, part) {
  const options = { isQuick: values.quick, only: values.only?.split(',') };
  try {
    return await part.run(options);
  } catch (error) {
    process.stderr.write(`${name} broke, and is measured once more: ${error.stack ?? error}\n`);
    return part.run(options);
  }
}

async function measure(names) {
  const begun = performance.now();
  const results = {};
  for (const name of names) {
    const part = await load(name);
    const partBegun = performance.now();
    results[name] = await runPart(name, part);
    const seconds = ((performance.now() - partBegun) / 1000).toFixed(0);
    process.stdout.write(`${part.print(results[name])}  (${name}: ${seconds} s)\n\n`);
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  return { ...results, seconds, arePinned, isQuick: values.quick };
}

if (positionals.length === 0) await list();
else {
  assertInstalled();
  leaveServerCore();
  const isAll = positionals[0] === 'all';
  const unknown = positionals.filter((name) => name !== 'all' && !parts.includes(name));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}: npm run bench`);
  const results = await measure(isAll ? all : positionals);
  // What was measured quickly or in part is to try things out, not to be kept.
  const isWhole = !values.quick && values.only === undefined;
  if (isAll && (isWhole || values.write)) await writeReport(results);
}
process.exit(0);
