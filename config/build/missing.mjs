// Builds what is missing or older than its sources, so that `npm start` is enough after
// `npm ci` and after every update, and costs next to nothing when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

const parts = [
  {
    name: 'server',
    script: 'server.mjs',
    built: 'dist/src/server.js',
    sources: ['src', 'workers', 'config', 'package.json', 'tsconfig.json'],
    ignored: ['src/browser', 'config/build/web.mjs'],
  },
  {
    name: 'page',
    script: 'web.mjs',
    built: 'public/assets/manifest.json',
    sources: ['src/browser', 'config/build/web.mjs', 'package.json'],
    ignored: [],
  },
];

/** Time of the newest change below a path, in milliseconds; 0 when there is nothing. */
function newestChange(relative, ignored) {
  const full = path.join(root, relative);
  if (ignored.includes(relative) || !existsSync(full)) return 0;
  const stat = statSync(full);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const children = readdirSync(full).map((name) =>
    newestChange(path.posix.join(relative, name), ignored),
  );
  return Math.max(stat.mtimeMs, ...children);
}

function isStale({ built, sources, ignored }) {
  const full = path.join(root, built);
  if (!existsSync(full)) return true;
  const builtAt = statSync(full).mtimeMs;
  return sources.some((source) => newestChange(source, ignored) > builtAt);
}

function haveBuildTools() {
  const { resolve } = createRequire(import.meta.url);
  try {
    // Not the compiler alone: other packages may bring it along.
    for (const tool of ['typescript', 'esbuild', '@types/node']) resolve(`${tool}/package.json`);
    return true;
  } catch {
    return false;
  }
}

for (const part of parts.filter(isStale)) {
  if (!haveBuildTools()) {
    // An installation without the build tools (`npm prune --omit=dev`) can only run what was built before.
    if (existsSync(path.join(root, part.built))) continue;
    process.stderr.write(
      `SFChat: the ${part.name} is not built and the build tools are missing.\nRun: npm ci --ignore-scripts --include=dev && npm run build\n`,
    );
    process.exit(1);
  }
  process.stderr.write(`SFChat: building the ${part.name} ...\n`);
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, part.script)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
