import type { Express, RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { replies } from '../../protocol.ts';
import { answer } from '../answer.ts';
import { apiHeaders } from '../headers.ts';
import { offer } from '../resource.ts';
import { isSameSecret } from '../same-secret.ts';
import { isLocalCaller } from './local-caller.ts';
import type { Metrics } from './metrics.ts';

export type PartState = 'ok' | 'degraded' | 'down';

/** State of everything that the service needs. `degraded`: it goes on, but slower. */
export type Readiness = () => Promise<Readonly<Record<string, PartState>>>;

export interface OpsOptions {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly metricsToken: string | undefined;
  readonly trustProxy: number | string[] | undefined;
}

/** For those who run the service: `/healthz`, `/readyz`, `/metrics` (protocol.md, "Settings"). */
export function opsRoutes(app: Express, parts: OpsOptions): void {
  const { metrics, readiness } = parts;
  offer(app, '/healthz', {
    GET: [
      (_req, res) => {
        answer(res, replies.ok);
      },
    ],
  });
  offer(app, '/readyz', { GET: [ready(readiness)] });
  offer(app, '/metrics', { GET: [mayReadMetrics(parts), prometheus(metrics)] });
}

function ready(readiness: Readiness): RequestHandler {
  return async (_req, res) => {
    const parts = await readiness();
    const states = Object.values(parts);
    if (states.includes('down')) {
      const { code, message, headers } = failures.unavailable(1000);
      answer(res, { code, msg: message }, { state: 'down', parts }, headers);
      return;
    }
    const state = states.includes('degraded') ? 'degraded' : 'ok';
    answer(res, replies.ok, { state, parts });
  };
}

/**
 * With a token: whoever bears it. Without: callers on this machine, unless they come through a proxy,
 * and nobody where `TRUST_PROXY` says that there is one.
 */
function mayReadMetrics({ metricsToken, trustProxy }: OpsOptions): RequestHandler {
  return (req, _res, next) => {
    const isAllowed =
      metricsToken === undefined
        ? trustProxy === undefined && isLocalCaller(req)
        : isSameSecret(req.get('authorization') ?? '', `Bearer ${metricsToken}`);
    if (!isAllowed) throw failures.unauthorized();
    next();
  };
}

function prometheus(metrics: Metrics): RequestHandler {
  return async (_req, res) => {
    const body = await metrics.text();
    res.writeHead(200, { ...apiHeaders, 'Content-Type': metrics.registry.contentType });
    res.end(body);
  };
}
