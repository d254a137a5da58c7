// Compiles the server and the workers into dist/, checking the types on the way. What was there
// before stays until the new build is whole.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');
const fresh = `${dist}.${process.pid}`;
const compiler = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

const { status } = spawnSync(
  process.execPath,
  [compiler, '-p', 'config/tsconfig.build.json', '--outDir', fresh],
  { cwd: root, stdio: 'inherit' },
);
if (status === 0) {
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
} else {
  rmSync(fresh, { recursive: true, force: true });
  process.exitCode = status ?? 1;
}
