import type { RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';

/** A header that names a version we do not speak is 404 on any path (protocol.md, "Rules for every call"). */
export const knownVersion: RequestHandler = (req, _res, next) => {
  const version = req.headers['x-sfc-version'];
  if (version !== undefined && version !== '' && version !== 'v1') throw failures.notFound();
  next();
};
