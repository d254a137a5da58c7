import { build } from 'esbuild';
import { readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { buildPackages, importPackagesAsFiles } from './packages.mjs';
import { root } from './root.mjs';

const dist = path.join(root, 'dist');
const folders = ['config', 'src', 'workers'];
const browser = path.join('src', 'browser', path.sep);

/** Every TypeScript file that Node.js runs, relative to the root. */
function sources() {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((file) => file.endsWith('.ts') && !file.startsWith(browser));
}

/**
 * Keeps every import between the files as it is, but for the extension. One that leads to nothing
 * that is built would only be found when it runs, so it is refused.
 */
function rewriteImports(files) {
  const known = new Set(files.map((file) => path.join(root, file)));
  return {
    name: 'rewrite-imports',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.{1,2}\// }, ({ path: target, resolveDir, kind }) => {
        if (kind === 'entry-point') return undefined;
        if (!known.has(path.resolve(resolveDir, target))) {
          return { errors: [{ text: `${target} is no source file of the server` }] };
        }
        return { path: target.replace(/\.ts$/, '.js'), external: true };
      }),
  };
}

/**
 * Translates the server and the workers into dist/, file by file, beside the packages that are one file each; types are checked by
 * `npm run typecheck`. What was there before stays until the new build is whole.
 *
 * @throws when a file cannot be translated; esbuild has printed why
 */
export async function buildServer() {
  const startedAt = new Date();
  const fresh = `${dist}.${process.pid}`;
  const files = sources();
  try {
    await build({
      absWorkingDir: root,
      entryPoints: files,
      outbase: root,
      outdir: fresh,
      // Nothing is bundled: this is what makes esbuild ask the plugin about imports.
      bundle: true,
      packages: 'external',
      plugins: [importPackagesAsFiles, rewriteImports(files)],
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'linked',
      sourcesContent: false,
      logLevel: 'warning',
    });
    await buildPackages(fresh);
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
