// Runs a TypeScript program of the tests outside of Jest: bundled by the same esbuild as the build, with the packages
// left where they are. `node test/support/run-typescript.mjs FILE [arguments]`
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { buildMissing } from '../../config/build/build.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const [entry, ...args] = process.argv.slice(2);
const outfile = path.join(
  root,
  'dist-test',
  `${path.basename(path.dirname(entry))}-${path.basename(entry, '.ts')}.mjs`,
);

// What it starts as processes is what the sources say now.
await buildMissing();
buildSync({
  entryPoints: [path.resolve(entry)],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
});
const { status, signal } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = signal === null ? (status ?? 1) : 1;
