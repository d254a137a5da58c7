import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { StoredMessage } from '../../chat/chat-store.ts';
import type { Delivery, Known } from '../../chat/delivery.ts';
import type { HeldPoll, HoldOptions } from '../../chat/held/receiver.ts';
import { andThen } from '../../chat/soon.ts';
import { replies, type InboxResults, type Message } from '../../protocol.ts';
import { answer } from '../answer.ts';
import { errorAnswerer } from '../errors.ts';
import { hasBody } from '../has-body.ts';
import type { ApiResources } from './api-resources.ts';
import { participantOf } from './authenticate.ts';
import type { ChatRouteOptions } from './chat-routes.ts';
import { withJsonBody } from './json-body.ts';
import { acknowledgeBody, parseBody, sendBody, toOutgoing } from './schemas.ts';

export interface MessageRouteOptions extends ChatRouteOptions {
  readonly messageMaxLength: number;
  readonly logger: Logger;
}

/** `messages.json`: receive, send, acknowledge (protocol.md, "Resources"). */
export function messageRoutes(resources: ApiResources, options: MessageRouteOptions): void {
  const { authenticated } = options;
  resources.offer('messages.json', {
    GET: authenticated(receive(options)),
    POST: authenticated(withJsonBody(send(options))),
    DELETE: authenticated(withJsonBody(acknowledge(options))),
  });
}

function receive(options: MessageRouteOptions): RequestHandler {
  const { service, limits } = options;
  const hold = holding(options);
  return (req, res) => {
    const participant = participantOf(res);
    // Express reads it from the address each time that it is asked.
    const { query } = req;
    const known = knownFrom(query);
    limits.mayRead(participant);
    if (!isLongPoll(req, res, query)) {
      return service.receive(participant).then((delivery) => {
        give(options, res, delivery);
      });
    }
    let release: () => void;
    try {
      release = limits.holdPoll(req);
    } catch (refusal) {
      // Whoever has news is answered however many are held; only waiting takes a place.
      return service.news(participant, known).then((news) => {
        if (news === null) throw refusal;
        give(options, res, news);
      });
    }
    hold(req, res, { known, mostMs: mostMsFrom(query), release });
    return undefined;
  };
}

/** Answers with a delivery; `null`: nobody is there any more. */
function give({ limits }: MessageRouteOptions, res: Response, delivery: Delivery | null): void {
  if (delivery === null) return;
  limits.haveRead(participantOf(res), delivery.messages);
  answer(res, replies.ok, inboxResults(delivery));
}

/**
 * Holds a request until there is something to answer. No promise goes back to Express: it would keep its whole
 * way of the request for as long, and the request what it has brought. Of both only what the answer needs is kept.
 */
function holding(options: MessageRouteOptions) {
  const answerError = errorAnswerer(options.logger);
  return (
    req: Request,
    res: Response,
    { known, mostMs, release }: HoldOptions & { readonly release: () => void },
  ): void => {
    // 'close' comes once: to a client that left while it was authenticated it has come already.
    if (res.destroyed) {
      release();
      return;
    }
    // Each by its name: the engine knows nothing about an object that is made of the rest of another.
    const request: HeldPoll = {
      known,
      mostMs,
      answered: (delivery) => {
        release();
        try {
          give(options, res, delivery);
        } catch (error) {
          answerError(error, res);
        }
      },
      failed: (error) => {
        release();
        answerError(error, res);
      },
    };
    const holding = options.service.hold(participantOf(res), request);
    // `res`, not `req`: a request is closed as soon as its body has been read.
    res.on('close', () => {
      holding.leave(request);
    });
    // What nobody reads stops the connection, and so the news that its client has gone.
    if (hasBody(req)) req.resume();
    letGo(req);
  };
}

function send({ service, limits, messageMaxLength }: MessageRouteOptions): RequestHandler {
  const schemas = {
    plain: sendBody(messageMaxLength, false),
    encrypted: sendBody(messageMaxLength, true),
  };
  return (req, res) => {
    const participant = participantOf(res);
    const schema = participant.encrypted ? schemas.encrypted : schemas.plain;
    const { messages } = parseBody(schema, req.body).data;
    const sent = andThen(limits.sendMessages(participant, messages), () =>
      service.send(participant, toOutgoing(messages)),
    );
    return andThen(sent, () => {
      answer(res, replies.accepted);
    });
  };
}

function acknowledge({ service }: MessageRouteOptions): RequestHandler {
  return (req, res) => {
    const { messages } = parseBody(acknowledgeBody, req.body).data;
    const ids = messages.map(({ _id }) => _id);
    return andThen(service.acknowledge(participantOf(res), ids), () => {
      answer(res, replies.accepted);
    });
  };
}

type Query = Request['query'];

const NO_HEADERS: Request['headers'] = Object.freeze({});
const NO_LINES: string[] = [];

const NO_PARAMS: Request['params'] = Object.freeze({});

/** Forgets what no answer needs: headers, their raw form, what Express has found in the path and would have gone on with. */
function letGo(req: Request): void {
  req.headers = NO_HEADERS;
  req.rawHeaders = NO_LINES;
  req.params = NO_PARAMS;
  // Not deleted: the engine would give up what it knows about requests.
  (req as { next?: unknown }).next = undefined;
}

/**
 * HEAD is answered at once: it asks for nothing that would be worth waiting for. So is a request that
 * waits behind another one of its connection: nobody would be told that its client has gone.
 */
function isLongPoll(req: Request, res: Response, { longPolling }: Query): boolean {
  if (req.method === 'HEAD' || res.socket === null) return false;
  return typeof longPolling !== 'string' || !/^(false|0)$/i.test(longPolling);
}

/** What the client says that it knows; a value that is none is as good as none. */
function knownFrom({ waiting, present, typing }: Query): Known {
  const isNumber = typeof waiting === 'string' && /^\d{1,9}$/.test(waiting);
  return {
    waiting: isNumber ? Number(waiting) : undefined,
    present: booleanIn(present),
    typing: booleanIn(typing),
  };
}

/** For how many milliseconds the client wants to be held at the most; `undefined`: it does not say. */
function mostMsFrom({ hold }: Query): number | undefined {
  const isNumber = typeof hold === 'string' && /^\d{1,5}(\.\d{1,3})?$/.test(hold);
  return isNumber && Number(hold) > 0 ? Number(hold) * 1000 : undefined;
}

const booleanIn = (value: unknown): boolean | undefined =>
  value === 'true' ? true : value === 'false' ? false : undefined;

const inboxResults = ({ status, messages, waiting, talker }: Delivery): InboxResults => ({
  count: messages.length,
  status,
  messages: messages.map(toMessage),
  waiting,
  talker,
});

/** The protocol does not say when a message was accepted. */
const toMessage = ({ _id, msg, system, event }: StoredMessage): Message =>
  event === undefined ? { _id, msg, system } : { _id, msg, system, event };
