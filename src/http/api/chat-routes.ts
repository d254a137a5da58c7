import type { RequestHandler } from 'express';
import type { ChatService, ChatState } from '../../chat/chat-service.ts';
import { Failure, failures } from '../../chat/failures.ts';
import type { Admission } from '../../chat/inviting.ts';
import { replies, type AdmissionResults, type StateResults } from '../../protocol.ts';
import { answer } from '../answer.ts';
import type { Limits } from '../limits.ts';
import type { ApiResources } from './api-resources.ts';
import {
  ownToken,
  participantOf,
  tokenFrom,
  type Authenticated,
  type TokenHeaders,
} from './authenticate.ts';
import { withJsonBody } from './json-body.ts';
import { createBody, parseBody, signalBody } from './schemas.ts';

export interface ChatRouteOptions {
  readonly service: ChatService;
  readonly limits: Limits;
  readonly headers: TokenHeaders;
  readonly authenticated: Authenticated;
}

/** `chat.json`: create, join, state, signal, close (protocol.md, "Resources"). */
export function chatRoutes(resources: ApiResources, options: ChatRouteOptions): void {
  const { service, authenticated } = options;
  resources.offer('chat.json', {
    POST: withJsonBody(create(options)),
    PUT: withJsonBody(join(options)),
    GET: authenticated(state(service)),
    PATCH: authenticated(withJsonBody(signal(options))),
    DELETE: authenticated(withJsonBody(close(service))),
  });
}

function create({ service, limits, headers }: ChatRouteOptions): RequestHandler {
  return async (req, res) => {
    const { data } = parseBody(createBody, req.body ?? {});
    const chatToken = ownToken(req, headers.chatToken);
    const userToken = ownToken(req, headers.userToken);
    // Before any limit: whoever lost an answer needs no room, and no draft gives way to a chat that is there.
    const created = await (chatToken !== undefined && userToken !== undefined
      ? service.findCreated(chatToken, userToken)
      : null);
    if (created !== null) {
      answer(res, replies.created, admissionResults(created));
      return;
    }
    const release = await limits.createChat(req);
    try {
      const admission = await service.create({
        encrypted: data?.encrypted ?? false,
        ...(chatToken !== undefined && { chatToken }),
        ...(userToken !== undefined && { userToken }),
        ...(data?.absenceCloseAfter !== undefined && {
          absenceCloseAfterMs: data.absenceCloseAfter * 1000,
        }),
      });
      answer(res, replies.created, admissionResults(admission));
    } finally {
      release();
    }
  };
}

function join({ service, limits, headers }: ChatRouteOptions): RequestHandler {
  return async (req, res) => {
    try {
      const userToken = ownToken(req, headers.userToken);
      const chatToken = tokenFrom(req, headers.chatToken);
      if (chatToken === null) throw failures.invalidCode();
      answer(res, replies.ok, admissionResults(await service.join(chatToken, userToken)));
    } catch (error) {
      // A valid code is never refused for what others behind the same address do.
      if (error instanceof Failure) await limits.failedJoin(req);
      throw error;
    }
  };
}

function state(service: ChatService): RequestHandler {
  return async (_req, res) => {
    answer(res, replies.ok, stateResults(await service.state(participantOf(res))));
  };
}

function signal({ service, limits }: ChatRouteOptions): RequestHandler {
  return async (req, res) => {
    const participant = participantOf(res);
    const { data } = parseBody(signalBody, req.body);
    await limits.signal(participant);
    await service.signal(participant, data);
    answer(res, replies.accepted);
  };
}

function close(service: ChatService): RequestHandler {
  return async (_req, res) => {
    await service.close(participantOf(res));
    answer(res, replies.accepted);
  };
}

const isoTime = (time: number): string => new Date(time).toISOString();

const admissionResults = ({ chat, userToken, expires }: Admission): AdmissionResults => ({
  chatToken: chat.token,
  userToken,
  status: chat.status,
  encrypted: chat.encrypted,
  absenceCloseAfter: chat.absenceCloseAfterMs / 1000,
  created: isoTime(chat.created),
  expires: isoTime(expires),
});

const stateResults = ({ chat, expires, talker }: ChatState): StateResults => ({
  status: chat.status,
  encrypted: chat.encrypted,
  absenceCloseAfter: chat.absenceCloseAfterMs / 1000,
  participants: chat.joiner === null ? 1 : 2,
  created: isoTime(chat.created),
  expires: isoTime(expires),
  talker: {
    present: talker.present,
    lastSeen: talker.lastSeen === null ? null : isoTime(talker.lastSeen),
  },
});
