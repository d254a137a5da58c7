import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './root.mjs';

/** The last file that each half of the build writes; its time says when the sources were read. */
const built = ['dist/src/server.js', 'public/assets/manifest.json'];

/** Whatever the server or the page is made of: they share files, and are built together. */
const sources = [
  'src',
  'workers',
  'config/build',
  'config/settings.ts',
  'package.json',
  // Packages are part of the build.
  'package-lock.json',
];

/** Time of the newest change below a path, in milliseconds; 0 when there is nothing. */
function newestChange(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inside = readdirSync(file).map((name) => newestChange(path.join(file, name)));
  return Math.max(stat.mtimeMs, ...inside);
}

function isStale() {
  const times = built.map((file) => newestChange(path.join(root, file)));
  return sources.some((source) => newestChange(path.join(root, source)) > Math.min(...times));
}

function hasBuildTools() {
  try {
    createRequire(import.meta.url).resolve('esbuild');
    return true;
  } catch {
    return false;
  }
}

/**
 * Builds the server and the page.
 *
 * @throws when the sources cannot be built; esbuild has printed why
 */
export async function buildAll() {
  // Loaded only here: an installation that is built runs without esbuild.
  const [{ buildServer }, { buildPage }] = await Promise.all([
    import('./server.mjs'),
    import('./page.mjs'),
  ]);
  await Promise.all([buildServer(), buildPage()]);
}

/**
 * Builds what is missing or older than its sources, so that `npm start` is enough after `npm ci` and
 * after every update, and costs next to nothing when there is nothing to do. An installation without
 * the build tools (`npm prune --omit=dev`) runs what was built before.
 *
 * @throws when something is missing and cannot be built
 */
export async function buildMissing() {
  if (!isStale()) return;
  if (hasBuildTools()) {
    process.stderr.write('SFChat: building ...\n');
    await buildAll();
  } else if (!built.every((file) => existsSync(path.join(root, file)))) {
    throw new Error(
      'it is not built and the build tools are missing.\n' +
        'Run: npm ci --ignore-scripts --include=dev && npm run build',
    );
  }
}

/** Runs one of the builds as a command: one line on a failure, and exit code 1. */
export async function run(build) {
  try {
    await build();
  } catch (error) {
    process.stderr.write(`SFChat: ${error.message}\n`);
    process.exitCode = 1;
  }
}
