import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { RunResult } from '../../chat/termination-run.ts';
import { statuses } from '../../protocol.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Capacities } from '../ops/service-gauges.ts';
import type { VitalSigns } from '../ops/vital-signs.ts';
import type { Pages } from '../pages/pages.ts';
import { pageHeaders } from '../headers.ts';
import type { LimitName } from '../limit-names.ts';
import { offer } from '../resource.ts';
import { isSameOrigin, requirePassword } from './access.ts';
import type { Administration } from './administration.ts';
import { positionFrom, readPage } from './chat-list.ts';
import { dashboard, RENEW_AFTER_SECONDS } from './dashboard.ts';
import { createFormToken, type FormToken } from './form-token.ts';
import { adminLayout, adminPaths, type Show } from './layout.ts';
import { adminStyle } from './style.ts';

export interface AdminRouteOptions {
  /** Without it there is nothing below `/admin`: 404, like any unknown page. */
  readonly admin: Administration | undefined;
  readonly pages: Pages;
  readonly metrics: Metrics;
}

const parseForm = express.urlencoded({ extended: false, limit: '1kb', parameterLimit: 5 });

/** `/admin` for whoever runs the service, all of it behind the password. */
export function adminRoutes(app: Express, { admin, pages, metrics }: AdminRouteOptions): void {
  if (admin === undefined) return;
  const { password, makeCounter, board } = admin;
  const show = adminLayout(pages, board !== undefined);
  const formToken = createFormToken(password);
  const onRefused = (limit: LimitName): void => {
    metrics.countRefusal(limit);
  };
  const showDashboard = dashboardHandler(admin, { formToken, show, metrics });

  app.use('/admin', (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use('/admin', requirePassword({ password, makeCounter, onRefused, show }));
  app.use('/admin', refuseOtherSites(show));
  offer(app, adminPaths.home, {
    GET: [(req, res) => showDashboard(req, res, null)],
    POST: [
      parseForm,
      hasFormToken(formToken, show),
      async (req, res) => showDashboard(req, res, await admin.runTermination()),
    ],
  });
  offer(app, adminPaths.style, {
    GET: [
      (_req, res) => {
        res.writeHead(200, {
          ...pageHeaders,
          'Cache-Control': 'no-store',
          'Content-Type': 'text/css; charset=utf-8',
        });
        res.end(adminStyle);
      },
    ],
  });
  if (board !== undefined) app.use(adminPaths.queues, board);
  app.use('/admin', (_req, res) => {
    show(res, { status: 404, title: 'There is no such page', main: '<p>Not here either.</p>' });
  });
}

/** Everything that changes something has to come from a page of ours. */
const refuseOtherSites =
  (show: Show): RequestHandler =>
  (req, res, next) => {
    if (['GET', 'HEAD'].includes(req.method) || isSameOrigin(req)) next();
    else refuseForm(res, show);
  };

const hasFormToken =
  (formToken: FormToken, show: Show): RequestHandler =>
  (req, res, next) => {
    const { form } = (req.body ?? {}) as { form?: unknown };
    if (formToken.matches(form)) next();
    else refuseForm(res, show);
  };

function refuseForm(res: Response, show: Show): void {
  const main = `<p>This did not come from the administration page. <a href="${adminPaths.home}">Open it</a> and try again.</p>`;
  show(res, { status: 403, title: 'Not done', main });
}

interface DashboardOptions {
  readonly formToken: FormToken;
  readonly show: Show;
  readonly metrics: Metrics;
}

function dashboardHandler(admin: Administration, { formToken, show, metrics }: DashboardOptions) {
  return async (req: Request, res: Response, result: RunResult | null): Promise<void> => {
    const status = statuses.find((name) => name === req.query['status']) ?? null;
    const position = positionFrom(req);
    // A result would be gone with the first renewal.
    const isRenewed = result === null && req.query['renew'] !== 'off';
    const [page, signs, samples, refusals] = await Promise.all([
      readPage(admin.store, status, position),
      admin.facts.look(),
      admin.history.recent(),
      metrics.refusals(),
    ]);
    const usage = usageOf(admin.usage(), signs);
    const main = dashboard({
      page,
      overview: { ...admin, signs, usage },
      limits: { capacities: admin.facts.capacities, usage, refusals },
      isRenewed,
      status,
      samples,
      result,
      isFirst: position === null,
      historySize: admin.history.size,
      formToken: formToken.value,
      hasQueue: admin.board !== undefined,
    });
    // 200 even when the storage is away: this is the page that says so.
    show(res, {
      title: 'Overview',
      main,
      ...(isRenewed && { renewAfterSeconds: RENEW_AFTER_SECONDS }),
    });
  };
}

/** What is in use of what only the storage knows is missing while it does not answer. */
const usageOf = (usage: Capacities, { chats, storedBytes }: VitalSigns): Capacities => ({
  ...usage,
  ...(chats !== null && { live_chats: chats.draft + chats.ready }),
  ...(storedBytes !== null && { stored_bytes: storedBytes }),
});
