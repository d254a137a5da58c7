import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestHandler } from 'express';
import { serveFromMemory, type Forms } from '../serve-from-memory.ts';

/** Hashed names never change their content. */
const ONE_YEAR = 'public, max-age=31536000, immutable';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

/** What the build made of the page's scripts and styles. */
export interface Assets {
  /** Address of the asset with this logical name, such as `chat.js`; `undefined`: there is none. */
  address(name: string): string | undefined;
  /** Answers `/assets/:file`, or leaves the request to the next handler when there is no such asset. */
  readonly serve: RequestHandler;
}

/**
 * Reads what the manifest names, with its source maps and compressed forms, once: whatever happens to
 * the files afterwards, a server that runs goes on with what it has.
 *
 * @throws when something of it is missing: the build has not run, or not to its end
 */
export function readAssets(directory: string): Assets {
  const manifest = JSON.parse(
    readBuilt(path.join(directory, 'manifest.json')).toString(),
  ) as Record<string, string>;
  const names = new Map(Object.entries(manifest));
  const handlers = new Map([
    ...earlierAssets(`${directory}.previous`),
    ...[...names.values()]
      .flatMap((file) => [file, `${file}.map`])
      .map((file) => [file, serveBuilt(path.join(directory, file))] as const),
  ]);
  return {
    address: (name) => {
      const file = names.get(name);
      return file === undefined ? undefined : `/assets/${file}`;
    },
    serve: (req, res, next) => {
      const handler = handlers.get(String(req.params['file']));
      if (handler === undefined) next();
      else void handler(req, res, next);
    },
  };
}

/**
 * What tabs ask for that were opened before an upgrade, or before a rollback: an operator's upgrade lays the
 * assets of the release before beside those of the build. What is not whole is left out.
 */
function earlierAssets(directory: string): (readonly [string, RequestHandler])[] {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { withFileTypes: true });
  const files = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  return [...files]
    .filter((file) => files.has(`${file}.br`) && files.has(`${file}.gz`))
    .map((file) => [file, serveBuilt(path.join(directory, file))] as const);
}

function serveBuilt(file: string): RequestHandler {
  const forms: Forms = {
    identity: readBuilt(file),
    br: readBuilt(`${file}.br`),
    gzip: readBuilt(`${file}.gz`),
  };
  const type = types[path.extname(file)] ?? 'application/octet-stream';
  return serveFromMemory(forms, { status: 200, type, caching: ONE_YEAR });
}

/** @throws when the build has not made it */
export function readBuilt(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`The page is not built, ${path.basename(file)} cannot be read: npm run build`, {
      cause,
    });
  }
}
