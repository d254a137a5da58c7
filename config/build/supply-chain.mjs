// `npm run supply-chain`: what the product is made of. No package is unused or unnamed; every licence is one that
// the product may be given away with; the list of all packages (CycloneDX) is in dist/; two builds in two
// directories are the same to the byte; no known weakness without a dated exception.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './root.mjs';
import {
  differentFiles,
  licences,
  openAdvisories,
  packagesToLookAt,
} from './supply-chain-rules.mjs';

/** What a build reads, besides the packages. */
const sources = ['src', 'workers', 'config', 'public', 'package.json', 'tsconfig.json'];

/** What a build writes. */
const outputs = ['dist', 'public/assets'];

const npm = (...args) =>
  spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

function assertAllUsed() {
  const { status, stdout } = spawnSync('npx', ['--no-install', 'knip'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`knip:\n${stdout}`);
  return 'every file and every package is used';
}

/** @throws Error when npm gives none, or a licence is not among those above */
function listPackages() {
  const { status, stdout, stderr } = npm(
    'sbom',
    '--sbom-format=cyclonedx',
    '--omit=dev',
    '--package-lock-only',
  );
  if (status !== 0) throw new Error(stderr);
  const { components } = JSON.parse(stdout);
  const others = packagesToLookAt(components);
  if (others.length > 0) throw new Error(`licences to look at: ${others.join(', ')}`);
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(path.join(root, 'dist/sbom.cdx.json'), stdout);
  return `${components.length} packages in dist/sbom.cdx.json, all under ${licences.join(', ')}`;
}

/** File → hash of everything that a build in a directory of its own writes. */
function buildIn(directory) {
  mkdirSync(directory);
  for (const source of sources) {
    cpSync(path.join(root, source), path.join(directory, source), {
      recursive: true,
      filter: (file) => file !== path.join(root, 'public/assets'),
    });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
  const { status, stderr } = spawnSync(process.execPath, ['config/build/all.mjs'], {
    cwd: directory,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const files = outputs.flatMap((output) =>
    readdirSync(path.join(directory, output), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name))),
  );
  const hashOf = (file) =>
    createHash('sha256')
      .update(readFileSync(path.join(directory, file)))
      .digest('hex');
  return Object.fromEntries(files.map((file) => [file, hashOf(file)]));
}

function assertReproducible() {
  const work = mkdtempSync(path.join(tmpdir(), 'sfchat-builds-'));
  try {
    const one = buildIn(path.join(work, 'one'));
    const other = buildIn(path.join(work, 'another'));
    const different = differentFiles(one, other);
    if (different.length > 0) throw new Error(`two builds differ: ${different.join(', ')}`);
    return `two builds have the same ${Object.keys(one).length} files`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Advisory → the last day on which it is let through, and why: config/audit-exceptions.json. */
function assertNoKnownWeakness() {
  const { stdout } = npm('audit', '--json', '--omit=dev');
  const { vulnerabilities } = JSON.parse(stdout || '{}');
  if (vulnerabilities === undefined) return 'this registry offers no audit: not looked at';
  const file = path.join(root, 'config/audit-exceptions.json');
  const exceptions = JSON.parse(readFileSync(file, 'utf8'));
  const today = new Date().toISOString().slice(0, 10);
  const found = openAdvisories(vulnerabilities, exceptions, today);
  if (found.length > 0) throw new Error(found.join('\n'));
  return 'no known weakness';
}

let isSound = true;
for (const check of [assertAllUsed, listPackages, assertReproducible, assertNoKnownWeakness]) {
  try {
    console.log(`ok: ${check()}`);
  } catch (error) {
    isSound = false;
    console.error(`not ok: ${error.message}`);
  }
}
process.exitCode = isSound ? 0 : 1;
