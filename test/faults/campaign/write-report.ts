import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

/** Writes a file for docs/ in the form that `npm run lint` asks for. */
export async function writeReport(directory: string, name: string, text: string): Promise<void> {
  const file = path.resolve(directory, name);
  // A directory elsewhere has no settings: those of the repository hold for it as well.
  const style = await resolveConfig(path.resolve('docs', name));
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, await format(text, { ...style, filepath: file }));
}
