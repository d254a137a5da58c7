import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './root.mjs';

/** Packages that every server loads; the others stay where they are, and so does what they need. */
const bundled = ['croner', 'express', 'helmet', 'ipaddr.js', 'pino', 'prom-client', 'zod'];

const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** What a file of CommonJS finds around it. */
const surroundings = `
  import { createRequire as makeRequire } from 'node:module';
  const require = makeRequire(import.meta.url);
  const __dirname = import.meta.dirname;
`;

/**
 * Puts programs with most of what they need into a few files. Node.js looks for each file, reads it and compiles it by itself,
 * which would be most of the time until the server is ready (docs/decisions/0050). What several of them need, and what
 * is imported later, such as a mode, has files of its own in `parts/`.
 *
 * @param {string[]} entries such as `src/server.ts`; what they export stays exported
 * @param {string} outdir where they go, under the same path
 * @throws when they cannot be bundled; esbuild has printed why
 */
export async function bundle(entries, outdir) {
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outbase: root,
    outdir,
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    external: Object.keys(dependencies).filter((name) => !bundled.includes(name)),
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: surroundings },
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'inline',
    logLevel: 'warning',
  });
}
