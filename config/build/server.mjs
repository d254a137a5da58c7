import { build } from 'esbuild';
import { readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle.mjs';
import { root } from './root.mjs';

const dist = path.join(root, 'dist');

/** What is bundled together: the server and its thread each alone, because what is shared makes more files to read at a start. */
const bundles = [
  ['src/server.ts'],
  ['src/embedded/journal/journal-thread.ts'],
  [
    'workers/health.ts',
    'workers/terminate.ts',
    'workers/worker.ts',
    // What the build and the measurements ask.
    'config/settings.ts',
    'src/embedded/embedded-chat-store.ts',
    'src/embedded/journal/schema.ts',
  ],
];

/** What the client's package has of this, file by file (docs/decisions/0025). */
const client = [
  'src/cli',
  'src/client',
  'src/crypto',
  'src/chat/clock.ts',
  'src/chat/failures.ts',
  'src/protocol.ts',
];

/** The TypeScript files that are, or are in, one of these. */
const filesIn = (names) =>
  names.flatMap((name) =>
    name.endsWith('.ts')
      ? [path.normalize(name)]
      : readdirSync(path.join(root, name), { recursive: true })
          .filter((file) => file.endsWith('.ts'))
          .map((file) => path.join(name, file)),
  );

/**
 * Keeps every import between the files as it is, but for the extension. One that leads out of the package would only be
 * found by who has installed it, so it is refused.
 */
function rewriteImports(files) {
  const known = new Set(files.map((file) => path.join(root, file)));
  return {
    name: 'rewrite-imports',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.{1,2}\// }, ({ path: target, resolveDir, kind }) => {
        if (kind === 'entry-point') return undefined;
        if (!known.has(path.resolve(resolveDir, target))) {
          return { errors: [{ text: `${target} is not in the client's package` }] };
        }
        return { path: target.replace(/\.ts$/, '.js'), external: true };
      }),
  };
}

async function translateClient(outdir) {
  const files = filesIn(client);
  await build({
    absWorkingDir: root,
    entryPoints: files,
    outbase: root,
    outdir,
    // Nothing is bundled: this is what makes esbuild ask the plugin about imports.
    bundle: true,
    packages: 'external',
    plugins: [rewriteImports(files)],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
}

/**
 * Builds the server, the workers and the client into dist/; types are checked by `npm run typecheck`. What was there before stays until the
 * new build is whole.
 *
 * @throws when a file cannot be translated; esbuild has printed why
 */
export async function buildServer() {
  const startedAt = new Date();
  const fresh = `${dist}.${process.pid}`;
  try {
    await Promise.all([
      translateClient(fresh),
      ...bundles.map((entries) => bundle(entries, fresh)),
    ]);
    // Its time says when the sources were read: what changed meanwhile is built next time.
    utimesSync(path.join(fresh, 'src/server.js'), startedAt, startedAt);
    replace(dist, fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Puts a directory in the place of another one, also while another build does the same. */
function replace(target, fresh) {
  const previous = `${fresh}.previous`;
  for (;;) {
    try {
      renameSync(target, previous);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    try {
      renameSync(fresh, target);
      return;
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(previous, { recursive: true, force: true });
    }
  }
}
