import type { Request } from 'express';
import { failures } from '../../chat/failures.ts';
import { API_VERSION, headerNames } from '../../protocol.ts';

/** A header that names a version we do not speak is 404 on any path (protocol.md, "Rules for every call"). */
export function assertKnownVersion({ headers }: Request): void {
  const version = headers[VERSION_HEADER];
  if (version !== undefined && version !== '' && version !== API_VERSION) throw failures.notFound();
}

const VERSION_HEADER = headerNames.version.toLowerCase();
