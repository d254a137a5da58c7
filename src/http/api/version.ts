import type { RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { API_VERSION, headerNames } from '../../protocol.ts';

/** A header that names a version we do not speak is 404 on any path (protocol.md, "Rules for every call"). */
export const knownVersion: RequestHandler = (req, _res, next) => {
  const version = req.get(headerNames.version);
  if (version !== undefined && version !== '' && version !== API_VERSION) throw failures.notFound();
  next();
};
