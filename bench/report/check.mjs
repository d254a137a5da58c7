// Says whether docs/performance says what its figures say. Before anything was measured there is neither.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { directory, textOf } from './write.mjs';

const [figures, text] = ['results.json', 'README.md'].map((name) => path.join(directory, name));
const expected = existsSync(figures)
  ? await textOf(JSON.parse(readFileSync(figures, 'utf8')))
  : undefined;
const found = existsSync(text) ? readFileSync(text, 'utf8') : undefined;
if (found !== expected) {
  process.stderr.write('docs/performance/README.md is not what its figures say\n');
  process.exitCode = 1;
}
