import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { ChatService } from './chat/chat-service.ts';
import { failures } from './chat/failures.ts';
import type { Administration } from './http/admin/administration.ts';
import { adminRoutes } from './http/admin/admin-routes.ts';
import { ApiResources } from './http/api/api-resources.ts';
import { authenticate, type TokenHeaders } from './http/api/authenticate.ts';
import { chatRoutes } from './http/api/chat-routes.ts';
import { cspReportRoute } from './http/pages/csp-report.ts';
import type { Upgrades } from './http/http-server.ts';
import { answerErrors, answerFailure } from './http/errors.ts';
import type { Limits } from './http/limits.ts';
import { messageRoutes } from './http/api/message-routes.ts';
import { observe } from './http/ops/observe.ts';
import { documentationRoutes } from './http/api/documentation.ts';
import { opsRoutes, type Readiness } from './http/ops/ops-routes.ts';
import type { Pages } from './http/pages/pages.ts';
import { assertOwnSite } from './http/same-site.ts';
import { warnOfProxy } from './http/proxy-warning.ts';
import { assertKnownVersion } from './http/api/version.ts';
import type { Metrics } from './http/ops/metrics.ts';
import type { Gateway } from './gateways/gateway.ts';

export interface AppOptions {
  readonly service: ChatService;
  readonly limits: Limits;
  readonly headers: TokenHeaders;
  readonly messageMaxLength: number;
  readonly pages: Pages;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly metricsToken: string | undefined;
  readonly admin: Administration | undefined;
  /** Other protocols; none unless the settings name them. */
  readonly gateways: readonly Gateway[];
  readonly trustProxy: number | string[] | undefined;
  readonly logger: Logger;
}

/** The whole HTTP side of SFChat, in order. It never listens. */
export function createApp(options: AppOptions): Express {
  const { service, limits, headers, pages, logger, metrics } = options;
  const authenticated = authenticate(service, headers, limits);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  if (options.trustProxy !== undefined) app.set('trust proxy', options.trustProxy);

  const resources = new ApiResources();
  messageRoutes(resources, { ...options, authenticated });
  chatRoutes(resources, { ...options, authenticated });
  const warned = warnOfProxy(logger, options.trustProxy !== undefined);
  app.use(first(observe(logger, metrics), warned, resources.answer));
  documentationRoutes(app, resources, options);
  app.use('/api', () => {
    throw failures.notFound();
  });
  for (const gateway of options.gateways) gateway.routes?.(app);
  opsRoutes(app, options);
  cspReportRoute(app, logger, metrics);
  adminRoutes(app, options);
  pages.routes(app);
  app.use((req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') pages.notFound(req, res, next);
    else answerFailure(res, failures.notFound());
  });
  app.use(answerErrors(logger));
  return app;
}

/** What every request goes through, and then the API: one step, because each step of Express costs as much as all of these. */
const first =
  (
    observed: (res: Response) => void,
    warned: (req: Request) => void,
    answered: RequestHandler,
  ): RequestHandler =>
  (req, res, next) => {
    observed(res);
    warned(req);
    assertKnownVersion(req);
    // Browsers report what our policy forbids whoever they are; /admin takes only its own pages.
    if (isBelow('/api', req.path)) assertOwnSite(req);
    return answered(req, res, next);
  };

/** As Express decides what is below the path of a `use`. */
const isBelow = (base: string, path: string): boolean =>
  path.startsWith(base) && (path.length === base.length || path.charAt(base.length) === '/');

/** Who takes over connections that leave HTTP, by path. */
export const upgradesOf = ({ gateways }: Pick<AppOptions, 'gateways'>): Upgrades =>
  new Map(gateways.flatMap(({ upgrade }) => (upgrade ? [[upgrade.path, upgrade.take]] : [])));
