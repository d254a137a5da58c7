import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import { methodName } from './request-times.ts';

/** When a request came, on the clock of `performance.now`. */
const begun = Symbol('begun');

interface Observed extends Response {
  [begun]?: number;
}

/**
 * Logs and counts every answer by its route. Never the URL, a header, a body or an address: the log
 * of a private chat must be worth nothing to whoever reads it.
 */
export function observe(logger: Logger, metrics: Metrics): (res: Response) => void {
  // One function for all answers, which is told its answer as `this`: a request costs no closure.
  function onClose(this: Observed): void {
    const seconds = (performance.now() - (this[begun] ?? 0)) / 1000;
    const code = this.writableFinished ? this.statusCode : CLIENT_GONE;
    const route = routeName(this.req);
    metrics.observeRequest(route, this.req.method, code, seconds);
    if (!logger.isLevelEnabled('debug')) return;
    const method = methodName(this.req.method);
    logger.debug({ method, route, code, seconds: Number(seconds.toFixed(4)) }, 'answered');
  }
  return (res: Observed) => {
    res[begun] = performance.now();
    // `on`: it comes once anyhow.
    res.on('close', onClose);
  };
}

/** What proxies log for a request whose client went away before the answer. */
const CLIENT_GONE = 499;

const routeName = (req: Request): string =>
  (req.route as { readonly path: string } | undefined)?.path ?? 'none';
