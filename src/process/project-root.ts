import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The directory of `package.json`, above the sources and above what they are compiled into. */
export function projectRoot(from: string = import.meta.dirname): string {
  if (existsSync(path.join(from, 'package.json'))) return from;
  const parent = path.dirname(from);
  if (parent === from)
    throw new Error('SFChat runs inside its own directory: package.json is missing');
  return projectRoot(parent);
}

/** The version of the product, as `package.json` has it. */
export function productVersion(): string {
  const file = readFileSync(path.join(projectRoot(), 'package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
