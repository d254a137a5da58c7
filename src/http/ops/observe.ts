import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';

/**
 * Logs and counts every answer by its route. Never the URL, a header, a body or an address: the log
 * of a private chat must be worth nothing to whoever reads it.
 */
export function observe(logger: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now();
    res.once('close', () => {
      const seconds = (performance.now() - begun) / 1000;
      const code = res.writableFinished ? res.statusCode : CLIENT_GONE;
      const route = routeName(req.route as { path: string | string[] } | undefined);
      metrics.observeRequest(route, req.method, code, seconds);
      const rounded = Number(seconds.toFixed(4));
      logger.debug({ method: req.method, route, code, seconds: rounded }, 'answered');
    });
    next();
  };
}

/** What proxies log for a request whose client went away before the answer. */
const CLIENT_GONE = 499;

const routeName = (route: { path: string | string[] } | undefined): string =>
  (Array.isArray(route?.path) ? route.path[0] : route?.path) ?? 'none';
