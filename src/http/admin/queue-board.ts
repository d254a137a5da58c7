import { setTimeout } from 'node:timers/promises';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import express, { type RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import { answerFailure } from '../errors.ts';
import { pageHeaders } from '../headers.ts';
import { adminPaths } from './layout.ts';

/** The queue as the board knows it. */
type Queue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Milliseconds that the board waits for a queue that does not answer. */
const PATIENCE_MS = 2000;

/**
 * The policy of the other pages, but for what the board cannot do without (looked at in Chromium): it
 * has a `<base>`, and it loads parts of itself by setting the address of a script. What it can do without, fonts
 * from elsewhere and the inline styles of a moment, the browser leaves out, and nobody needs a report of that.
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
  ].join(';'),
};

/**
 * The queue of the termination job, to look at. Nothing can be changed in it: the button on the
 * administration page runs the job, and a removed schedule would be a service that forgets nothing.
 */
export function createQueueBoard(queue: Queue): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(adminPaths.queues);
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
    else answerFailure(res, failures.unavailable(PATIENCE_MS));
  });
  app.use(adapter.getRouter());
  return app;
}

/** A queue whose Redis was never there would let the board wait for ever. */
const isReachable = (queue: Queue): Promise<boolean> =>
  Promise.race([
    queue.waitUntilReady().then(
      () => true,
      () => false,
    ),
    setTimeout(PATIENCE_MS, false, { ref: false }),
  ]);

/** Shows no addresses, not even those of the workers. */
class QueueAdapter extends BullMQAdapter {
  override async getWorkers() {
    const workers = await super.getWorkers();
    return workers?.map((worker) => ({ ...worker, addr: '-' })) ?? null;
  }
}
