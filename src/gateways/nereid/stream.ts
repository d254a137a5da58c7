import type { Request, Response } from 'express';
import type { Participant } from '../../chat/chat.ts';
import type { ChatService } from '../../chat/chat-service.ts';
import { failures } from '../../chat/failures.ts';
import { apiHeaders } from '../../http/headers.ts';
import type { GatewayContext } from '../gateway.ts';
import type { Caller } from './callers.ts';
import { EventStream } from './event-stream.ts';

const streamHeaders = {
  ...apiHeaders,
  'Content-Type': 'text/event-stream',
  // nginx would keep events back until it has enough of them.
  'X-Accel-Buffering': 'no',
};

/** `GET /nereid-chat/stream`: the participant's live receiver as an event stream. */
export function streamHandler(context: GatewayContext) {
  const { service, limits, receivers, clock } = context;

  return async (req: Request, res: Response, { participant }: Caller): Promise<void> => {
    if (req.method === 'HEAD') {
      res.writeHead(200, streamHeaders).end();
      return;
    }
    // Behind another request of its connection nobody would be told that its client has gone.
    if (res.socket === null) throw failures.badRequest('a stream needs a connection of its own');
    await acceptProof(service, participant, req.get('last-event-id'));
    if (res.destroyed) return;

    const release = limits.holdPoll(req);
    const isEnvelopeWanted = req.query['envelope'] === '1';
    const stream = new EventStream({ res, clock, participant, isEnvelopeWanted });
    try {
      stream.begin(receivers.open(participant, stream), streamHeaders);
    } catch (error) {
      release();
      throw error;
    }
    res.once('close', () => {
      stream.clientHasGone();
      release();
    });
  };
}

/**
 * What a client names as its last event proves all messages up to it. A closed chat that has nothing left for
 * its reader is 404, so that the client does not come again.
 */
async function acceptProof(
  service: ChatService,
  participant: Participant,
  lastEventId: string | undefined,
): Promise<void> {
  const { messages, status } = await service.receive(participant);
  const proven = messages.findIndex(({ _id }) => _id === lastEventId) + 1;
  const ids = messages.slice(0, proven).map(({ _id }) => _id);
  if (ids.length > 0) await service.acknowledge(participant, ids);
  if (status === 'closed' && ids.length === messages.length) throw failures.notFound();
}
