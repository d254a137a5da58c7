// `npm run bench -- PART …` measures; without a part it says what there is. README.md here says more.
import { parseArgs } from 'node:util';
import { leaveServerCore } from './support/cores.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, only: { type: 'string' } },
});
leaveServerCore();
for (const name of positionals) {
  const part = await import(`./parts/${name}.mjs`);
  const result = await part.run({ isQuick: values.quick ?? false, only: values.only?.split(',') });
  process.stdout.write(part.print(result));
}
process.exit(0);
