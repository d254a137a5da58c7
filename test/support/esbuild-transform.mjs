// Jest's way to TypeScript: each file by itself through the same esbuild as the build, to CommonJS,
// Jest's stable form. Types are checked by `npm run typecheck`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { transformSync, version } from 'esbuild';

/** @type {import('esbuild').TransformOptions} */
const options = {
  loader: 'ts',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  // Imports that are not marked as types are kept, as in the build.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, target: 'ES2023' } },
  // `import()` becomes `require()`, which Jest can follow without experimental flags of Node.js.
  supported: { 'dynamic-import': false },
  define: {
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    'import.meta.url': '__fileUrl',
  },
};
const fileUrl = "const __fileUrl = require('node:url').pathToFileURL(__filename).href;";

/** Changes whenever the same source would be translated into something else. */
const recipe = [version, readFileSync(import.meta.filename)];

export default {
  process: (source, file) =>
    transformSync(source, {
      ...options,
      sourcefile: file,
      ...(source.includes('import.meta.url') && { banner: fileUrl }),
    }),

  getCacheKey: (source, file, { configString, instrument }) => {
    const hash = createHash('sha256');
    for (const part of [...recipe, source, file, configString, String(instrument)]) {
      hash.update(part).update('\0');
    }
    return hash.digest('hex').slice(0, 32);
  },
};
