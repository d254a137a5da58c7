import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/**
 * Says once that a proxy stands in front which nobody has told us to trust: every client then seems
 * to come from its address, and all of them share one set of limits.
 */
export function warnOfProxy(logger: Logger): RequestHandler {
  let hasWarned = false;
  return (req, _res, next) => {
    if (!hasWarned && req.headers['x-forwarded-for'] !== undefined) {
      hasWarned = true;
      logger.warn(
        'requests come through a proxy: set TRUST_PROXY, or all clients share their limits',
      );
    }
    next();
  };
}
