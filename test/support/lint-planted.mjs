// Reads `[[file, source], …]` from standard input; lints each source as if it stood in that file, by the table of
// rooms alone; prints what was refused as `[[message, …], …]`.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { roomConfigs } from '../../config/rooms.js';

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { 'import-x': importX },
    },
    ...roomConfigs,
  ],
});

const planted = JSON.parse(await text(process.stdin));
const refused = await Promise.all(
  planted.map(async ([file, source]) => {
    const [result] = await eslint.lintText(source, { filePath: file });
    return result.messages.map(({ message }) => message);
  }),
);
process.stdout.write(JSON.stringify(refused));
