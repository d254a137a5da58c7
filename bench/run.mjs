// `npm run bench`: lists the measurements; `npm run bench -- NAME [arguments]` runs one.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => path.basename(file, '.mjs'));
const [name, ...args] = process.argv.slice(2);

/** The comment that a bench begins with. */
function about(bench) {
  const lines = readFileSync(path.join(import.meta.dirname, `${bench}.mjs`), 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, '  '));
}

if (names.includes(name)) {
  const script = path.join(import.meta.dirname, `${name}.mjs`);
  process.exitCode =
    spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1;
} else {
  const text = names.flatMap((bench) => [bench, ...about(bench), '']).join('\n');
  (name === undefined ? process.stdout : process.stderr).write(`${text}\n`);
  process.exitCode = name === undefined ? 0 : 1;
}
