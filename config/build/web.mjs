// Bundles the browser client into public/assets: hashed names, so that they may be cached for ever,
// each with its compressed forms beside it. The manifest maps logical names to hashed ones and is
// written last: its time says when the page was built, and a server that reads it finds every file.
import { context } from 'esbuild';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = path.resolve(import.meta.dirname, '../..');
const assets = path.join(root, 'public/assets');
const entries = ['home.ts', 'chat.ts', 'view/style.css'].map((name) =>
  path.join('src/browser', name),
);
const watch = process.argv.includes('--watch');

const compressed = {
  '.br': (data) =>
    brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
    }),
  '.gz': (data) => gzipSync(data, { level: constants.Z_BEST_COMPRESSION }),
};

/** `src/browser/home.ts` → `home.js`, as the pages call it. */
const logicalName = (entry) => path.basename(entry).replace(/\.ts$/, '.js');

/** Logical name → hashed file name, for the entries only (not for their source maps). */
function manifestOf(metafile) {
  const pairs = Object.entries(metafile.outputs)
    .filter(([, { entryPoint }]) => entryPoint)
    .map(([file, { entryPoint }]) => [logicalName(entryPoint), path.basename(file)]);
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

function publish({ outputFiles, metafile, errors }) {
  if (errors.length > 0) return;
  mkdirSync(assets, { recursive: true });
  const written = outputFiles.flatMap((file) => writeWithCompressed(file.path, file.contents));
  const manifest = path.join(assets, 'manifest.json');
  writeFileSync(manifest, `${JSON.stringify(manifestOf(metafile), null, 2)}\n`);
  removeAllBut(new Set([...written, manifest]));
}

/** What an earlier build left behind. */
function removeAllBut(kept) {
  for (const name of readdirSync(assets)) {
    const file = path.join(assets, name);
    if (!kept.has(file)) rmSync(file, { recursive: true, force: true });
  }
}

const build = await context({
  absWorkingDir: root,
  entryPoints: entries,
  entryNames: '[name]-[hash]',
  outdir: assets,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: 'linked',
  metafile: true,
  write: false,
  logLevel: watch ? 'info' : 'warning',
  plugins: [{ name: 'publish', setup: (hooks) => hooks.onEnd(publish) }],
});

if (watch) {
  await build.watch();
} else {
  try {
    await build.rebuild();
  } catch {
    process.exitCode = 1; // esbuild has printed what is wrong.
  }
  await build.dispose();
}
