// `npm pack` packs the client alone (docs/decisions/0025): before, `prepare` builds it and puts the client's manifest in
// the place of package.json; after, `restore` brings the whole one back.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildAll, run } from './build.mjs';
import { root } from './root.mjs';

const manifest = path.join(root, 'package.json');
const whole = path.join(root, 'package.whole.json');
const types = path.join(root, 'dist/types');

/** What the client and the command line import beside Node.js itself. */
const clientPackages = ['uqr'];

/** What of package.json concerns those who install the client. */
const kept = [
  'name',
  'version',
  'description',
  'license',
  'type',
  'engines',
  'exports',
  'bin',
  'files',
];

function clientManifest(all) {
  const entries = kept.map((name) => [name, all[name]]);
  const dependencies = Object.fromEntries(
    clientPackages.map((name) => [name, all.dependencies[name]]),
  );
  return { ...Object.fromEntries(entries), dependencies };
}

/** Declarations import each other as the sources do; who reads them has no sources. */
function renameImports(directory) {
  for (const name of readdirSync(directory, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = path.join(directory, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'"));
  }
}

function buildTypes() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const project = path.join(import.meta.dirname, 'tsconfig.types.json');
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });
  renameImports(types);
}

function restore() {
  if (existsSync(whole)) renameSync(whole, manifest);
}

async function prepare() {
  // One that was cut short has left the client's manifest behind.
  restore();
  await buildAll();
  buildTypes();
  const text = readFileSync(manifest, 'utf8');
  const client = `${JSON.stringify(clientManifest(JSON.parse(text)), null, 2)}\n`;
  renameSync(manifest, whole);
  writeFileSync(manifest, client);
}

await run(process.argv[2] === 'restore' ? restore : prepare);
