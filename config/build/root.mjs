import path from 'node:path';

/** The directory of package.json. */
export const root = path.resolve(import.meta.dirname, '../..');
