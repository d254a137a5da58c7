// Prints the settings table into the README, or with --check only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { buildMissing } from './build.mjs';
import { root } from './root.mjs';

const readme = path.join(root, 'README.md');
const [begin, end] = ['<!-- settings:begin -->', '<!-- settings:end -->'];

await buildMissing();
const { settingsMarkdown } = await import('../../dist/config/settings.js');
const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(begin);
const after = rest?.split(end)[1];
if (after === undefined) throw new Error(`README.md has no ${begin} … ${end}`);
const updated = await format(`${before}${begin}\n\n${settingsMarkdown()}\n\n${end}${after}`, {
  ...(await resolveConfig(readme)),
  filepath: readme,
});

if (process.argv.includes('--check')) {
  if (updated !== text) {
    process.stderr.write(
      'The settings table in README.md is not what config/settings.ts says: npm run format\n',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(readme, updated);
}
