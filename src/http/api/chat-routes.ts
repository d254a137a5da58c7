import type { Express, RequestHandler } from 'express';
import type { Admission, ChatService } from '../../chat/chat-service.ts';
import { Failure, failures } from '../../chat/failures.ts';
import { answer, replies } from '../answer.ts';
import { participantOf, tokenFrom, type TokenHeaders } from './authenticate.ts';
import { jsonBody } from './json-body.ts';
import type { Limits } from '../limits.ts';
import { apiPaths, offer } from '../resource.ts';
import { createBody, parseBody } from './schemas.ts';

export interface RouteParts {
  readonly service: ChatService;
  readonly limits: Limits;
  readonly headers: TokenHeaders;
  readonly authenticated: RequestHandler;
}

/** `chat.json`: create, join, state, close (protocol.md, "Resources"). */
export function chatRoutes(app: Express, parts: RouteParts): void {
  const { service, authenticated } = parts;
  offer(app, apiPaths('chat.json'), {
    POST: [jsonBody, create(parts)],
    PUT: [jsonBody, join(parts)],
    GET: [authenticated, state(service)],
    DELETE: [authenticated, jsonBody, close(service)],
  });
}

function create({ service, limits, headers }: RouteParts): RequestHandler {
  return async (req, res) => {
    const { data } = parseBody(createBody, req.body ?? {});
    const chatToken = tokenFrom(req, headers.chatToken);
    if (chatToken === null && req.get(headers.chatToken) !== undefined) {
      throw failures.badRequest('a chat token is 24 lowercase hex characters');
    }
    await limits.createChat(req);
    const admission = await service.create({
      encrypted: data?.encrypted ?? false,
      ...(chatToken !== null && { chatToken }),
    });
    answer(res, replies.created, admissionFields(admission));
  };
}

function join({ service, limits, headers }: RouteParts): RequestHandler {
  return async (req, res) => {
    await limits.mayJoin(req);
    try {
      const chatToken = tokenFrom(req, headers.chatToken);
      if (chatToken === null) throw failures.invalidCode();
      answer(res, replies.ok, admissionFields(await service.join(chatToken)));
    } catch (error) {
      if (error instanceof Failure) await limits.failedJoin(req);
      throw error;
    }
  };
}

function state(service: ChatService): RequestHandler {
  return async (_req, res) => {
    const { chat, expires, talker } = await service.state(participantOf(res));
    answer(res, replies.ok, {
      status: chat.status,
      encrypted: chat.encrypted,
      participants: chat.joiner === null ? 1 : 2,
      created: isoTime(chat.created),
      expires: isoTime(expires),
      talker: {
        present: talker.present,
        lastSeen: talker.lastSeen === null ? null : isoTime(talker.lastSeen),
      },
    });
  };
}

function close(service: ChatService): RequestHandler {
  return async (_req, res) => {
    await service.close(participantOf(res));
    answer(res, replies.accepted);
  };
}

const isoTime = (time: number): string => new Date(time).toISOString();

const admissionFields = ({ chat, userToken, expires }: Admission) => ({
  chatToken: chat.token,
  userToken,
  status: chat.status,
  encrypted: chat.encrypted,
  created: isoTime(chat.created),
  expires: isoTime(expires),
});
