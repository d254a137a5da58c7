import { ServerResponse } from 'node:http';
import type { Express, Request, Response } from 'express';
import { answer } from '../../http/answer.ts';
import { answerFailure } from '../../http/errors.ts';
import { hangUp } from '../../http/hang-up.ts';
import { offer } from '../../http/resource.ts';
import { failures, type Failure } from '../../chat/failures.ts';

/** How a request becomes a connection, and how it is refused while it still is a request. */

const upgradeRequired = { code: 426, msg: 'Upgrade Required' };

/** Answers whoever asks here and does not speak WebSocket. */
export function offerUpgrade(app: Express, path: string): void {
  offer(app, path, {
    GET: [
      (_req, res) => {
        answer(res, upgradeRequired, {}, { Upgrade: 'websocket', Connection: 'Upgrade' });
      },
    ],
  });
}

/** Answers a request that shall not become a connection, and ends it. */
export function refuseUpgrade(req: Request, failure: Failure): void {
  end(req, (res) => {
    answerFailure(res, failure);
  });
}

/** Answers a request that asks for a connection as none can begin (RFC 6455, section 4.2.2), and ends it. */
export function refuseOpening(req: Request, { message: reason }: Error): void {
  const { code, message } = failures.badRequest(reason);
  end(req, (res) => {
    answer(res, { code, msg: message }, undefined, { 'Sec-WebSocket-Version': '13' });
  });
}

function end(req: Request, give: (res: Response) => void): void {
  const { socket } = req;
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.once('finish', () => {
    hangUp(socket);
  });
  give(res as Response);
}
