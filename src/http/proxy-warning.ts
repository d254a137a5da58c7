import type { Request } from 'express';
import type { Logger } from 'pino';

/**
 * Says once that a proxy stands in front which nobody has told us to trust: every client then seems
 * to come from its address, and all of them share one set of limits.
 *
 * @param isTold somebody has said which proxies to trust: there is nothing to warn of
 */
export function warnOfProxy(logger: Logger, isTold: boolean): (req: Request) => void {
  let hasWarned = isTold;
  return (req) => {
    if (!hasWarned && req.headers['x-forwarded-for'] !== undefined) {
      hasWarned = true;
      logger.warn(
        'requests come through a proxy: set TRUST_PROXY, or all clients share their limits',
      );
    }
  };
}
