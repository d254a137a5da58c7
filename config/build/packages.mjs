import { build } from 'esbuild';
import path from 'node:path';
import { root } from './root.mjs';

/**
 * Packages of many files that every server loads. Node.js looks for each file, reads it and compiles it by itself, which is
 * most of the time until the server is ready; here each package is one file.
 */
const names = ['express', 'pino', 'prom-client', 'zod'];

/** Where they are in dist/. */
const folder = 'packages';

/** What a file of CommonJS finds around it. */
const surroundings = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const __dirname = import.meta.dirname;
`;

/** Lets a file import the package as one file; `importer` is a source file. An import has `/` on every system. */
const pathFrom = (importer, name) =>
  path
    .relative(path.dirname(path.relative(root, importer)), path.join(folder, `${name}.js`))
    .replaceAll(path.sep, '/');

/** Leads imports of these packages to their files. */
export const importPackagesAsFiles = {
  name: 'import-packages-as-files',
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path: name, importer }) => ({
      path: pathFrom(importer, name),
      external: true,
    })),
};

/**
 * Puts each package with what it needs into one file.
 *
 * @param {string} directory that becomes dist/
 */
export async function buildPackages(directory) {
  await Promise.all(names.map((name) => buildPackage(name, path.join(directory, folder))));
}

async function buildPackage(name, outdir) {
  // What Node.js itself finds in it: an importer sees no difference.
  const exported = Object.keys(await import(name)).filter((key) => /^[\w$]+$/.test(key));
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `export { ${exported.join(', ')} } from '${name}';`,
      resolveDir: root,
      sourcefile: `${name}.mjs`,
    },
    outfile: path.join(outdir, `${name}.js`),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: surroundings },
    legalComments: 'inline',
    logLevel: 'warning',
  });
}
