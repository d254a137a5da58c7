import { setTimeout } from 'node:timers/promises';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import express, { type Express } from 'express';
import { failures } from '../../chat/failures.ts';
import { answerFailure } from '../errors.ts';
import { pageHeaders } from '../headers.ts';
import { adminPaths } from './layout.ts';
import type { TerminationQueue } from './termination-runs.ts';

/** Milliseconds that the board waits for a queue that does not answer. */
const PATIENCE = 2000;

/**
 * The policy of the other pages, but for what the board cannot do without (looked at in Chromium): it
 * has a `<base>`, and it loads parts of itself by setting the address of a script.
 */
const boardHeaders = {
  ...pageHeaders,
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    'report-uri /csp-report',
  ].join(';'),
};

/**
 * The queue of the termination job, to look at. Nothing can be changed in it: the button on the
 * administration page runs the job, and a removed schedule would be a service that forgets nothing.
 */
export function queueBoard(queue: TerminationQueue): Express {
  const adapter = new BoardAdapter().setBasePath(adminPaths.queues);
  createBullBoard({
    queues: [new QueueAdapter(queue, { readOnlyMode: true })],
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'SFChat queue',
        hideRedisDetails: true,
        miscLinks: [{ text: 'Back to the administration', url: adminPaths.home }],
      },
    },
  });
  const app = express();
  app.disable('x-powered-by');
  app.use((req, res, next) => {
    if (!['GET', 'HEAD'].includes(req.method)) {
      res.setHeader('Allow', 'GET, HEAD');
      answerFailure(res, failures.notImplemented());
      return;
    }
    for (const [name, value] of Object.entries(boardHeaders)) res.setHeader(name, value);
    next();
  });
  app.use('/api', async (_req, res, next) => {
    if (await isReachable(queue)) next();
    else answerFailure(res, failures.unavailable(PATIENCE));
  });
  app.use(adapter.getRouter());
  return app;
}

/** A queue whose Redis was never there would let the board wait for ever. */
const isReachable = (queue: TerminationQueue): Promise<boolean> =>
  Promise.race([
    queue.waitUntilReady().then(
      () => true,
      () => false,
    ),
    setTimeout(PATIENCE, false, { ref: false }),
  ]);

/** Shows no addresses, not even those of the workers. */
class QueueAdapter extends BullMQAdapter {
  override async getWorkers() {
    const workers = await super.getWorkers();
    return workers?.map((worker) => ({ ...worker, addr: '-' })) ?? null;
  }
}

class BoardAdapter extends ExpressAdapter {
  /** Answers the board's page without what our policy forbids: fonts from elsewhere, inline styles. */
  override setEntryRoute(entry: EntryRoute): this {
    this.app[entry.method](entry.route, (_req, res, next) => {
      const { name, params } = entry.handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      res.render(name, params, (error: Error | null, html: string) => {
        if (error === null) res.send(ownParts(html));
        else next(error);
      });
    });
    return this;
  }
}

type EntryRoute = Parameters<ExpressAdapter['setEntryRoute']>[0];

const ownParts = (html: string): string =>
  html
    .replace(/<link[^>]+href="https?:[^>]*>/g, '')
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/ style="[^"]*"/g, '');
