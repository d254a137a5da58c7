import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { IServerAdapter } from '@bull-board/api/typings/app';
import express, { type Express } from 'express';
import { adminPaths } from './layout.ts';
import type { TerminationQueue } from './termination-runs.ts';

export function queueBoard(queue: TerminationQueue): Express {
  const serverAdapter = new ExpressAdapter().setBasePath(adminPaths.queues);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true })],
    serverAdapter: serverAdapter as unknown as IServerAdapter,
    options: { uiConfig: { boardTitle: 'SFChat queue' } },
  });
  const app = express();
  app.use(serverAdapter.getRouter() as Express);
  return app;
}
