import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { root } from './root.mjs';

const assets = path.join(root, 'public/assets');
const entries = ['home.ts', 'chat.ts', 'page.ts', 'view/style.css'].map((name) =>
  path.join('src/browser', name),
);

/** One script for each language: it says the texts before the scripts that use them begin. */
const messages = readdirSync(path.join(root, 'src/messages/scripts')).map((file) =>
  path.basename(file, '.ts'),
);
const messageEntries = {
  name: 'messages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^messages-\w+$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'messages',
    }));
    onLoad({ filter: /./, namespace: 'messages' }, ({ path: name }) => {
      const language = name.replace('messages-', '');
      return {
        contents: `import { ${language} } from './scripts/${language}.ts';
          import { useMessages } from './translate.ts';
          useMessages('${language}', ${language});`,
        resolveDir: path.join(root, 'src/messages'),
        loader: 'ts',
      };
    });
  },
};

/** The last two versions of the major browsers have all of this, and those of the three years before as well. */
const target = ['chrome115', 'edge115', 'firefox115', 'safari16.4'];

const compressed = {
  '.br': (data) =>
    brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
    }),
  '.gz': (data) => gzipSync(data, { level: constants.Z_BEST_COMPRESSION }),
};

/** `src/browser/home.ts` → `home.js`, as the pages call it. */
const logicalName = (entry) => path.basename(entry).replace(/\.ts$/, '.js');

/**
 * Logical name → hashed file name, for everything but source maps. What entries share, and what they load
 * later, has no name that a page could call it by, and stands for itself.
 */
function manifestOf(metafile) {
  const known = new Map([
    ...entries.map((entry) => [entry, logicalName(entry)]),
    ...messages.map((language) => [`messages:messages-${language}`, `messages-${language}.js`]),
  ]);
  const pairs = Object.entries(metafile.outputs)
    .filter(([file]) => !file.endsWith('.map'))
    .map(([file, { entryPoint }]) => [
      known.get(entryPoint) ?? path.basename(file),
      path.basename(file),
    ]);
  return Object.fromEntries(pairs.sort());
}

/** Writes a file and its compressed forms, and names all of them. */
function writeWithCompressed(file, contents) {
  writeFileSync(file, contents);
  const forms = Object.entries(compressed).map(([suffix, compress]) => {
    writeFileSync(file + suffix, compress(contents));
    return file + suffix;
  });
  return [file, ...forms];
}

/** The files that home and chat load at first, in no language: what the service worker keeps. */
function shellOf({ outputs }) {
  const files = new Set();
  const add = (file) => {
    if (files.has(file)) return;
    files.add(file);
    const statically = outputs[file].imports.filter(({ kind }) => kind === 'import-statement');
    statically.forEach(({ path: imported }) => add(imported));
  };
  Object.entries(outputs)
    .filter(([file, { entryPoint }]) => entries.includes(entryPoint) && !file.endsWith('.map'))
    .forEach(([file]) => add(file));
  return [...files].map((file) => `/assets/${path.basename(file)}`).sort();
}

/** The service worker; it changes whenever anything does that it keeps. */
async function buildServiceWorker({ metafile }) {
  const names = Object.keys(metafile.outputs).sort().join();
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/browser/worker/service-worker.ts'],
    outfile: path.join(assets, 'service-worker.js'),
    define: {
      SHELL: JSON.stringify(shellOf(metafile)),
      VERSION: JSON.stringify(createHash('sha256').update(names).digest('hex').slice(0, 12)),
    },
    bundle: true,
    minify: true,
    format: 'iife',
    target,
    write: false,
    logLevel: 'warning',
  });
  return result.outputFiles;
}

function publish({ outputFiles, metafile }, builtAt) {
  mkdirSync(assets, { recursive: true });
  const written = outputFiles.flatMap((file) => writeWithCompressed(file.path, file.contents));
  const manifest = path.join(assets, 'manifest.json');
  writeFileSync(manifest, `${JSON.stringify(manifestOf(metafile), null, 2)}\n`);
  utimesSync(manifest, builtAt, builtAt);
  removeAllBut(new Set([...written, manifest]));
}

/** What an earlier build left behind. */
function removeAllBut(kept) {
  for (const name of readdirSync(assets)) {
    const file = path.join(assets, name);
    if (!kept.has(file)) rmSync(file, { recursive: true, force: true });
  }
}

/**
 * Bundles the browser client into public/assets: hashed names, so that they may be cached for ever,
 * each with its compressed forms beside it. The manifest maps logical names to hashed ones and is
 * written last: a server that reads it finds every file, and its time says when the sources were read.
 *
 * @throws when a file cannot be bundled; esbuild has printed why
 */
export async function buildPage() {
  const startedAt = new Date();
  const result = await build({
    absWorkingDir: root,
    entryPoints: [...entries, ...messages.map((language) => `messages-${language}`)],
    plugins: [messageEntries],
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    // What both pages share is loaded once, and the list of words only when somebody looks at them.
    splitting: true,
    outdir: assets,
    bundle: true,
    minify: true,
    format: 'esm',
    // Otherwise each letter of Ukrainian and Arabic would be six characters.
    charset: 'utf8',
    target,
    sourcemap: 'linked',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const worker = await buildServiceWorker(result);
  publish({ ...result, outputFiles: [...result.outputFiles, ...worker] }, startedAt);
}
