import type { Request, RequestHandler, Response } from 'express';
import type { Participant } from '../../chat/chat.ts';
import type { ChatService } from '../../chat/chat-service.ts';
import { failures } from '../../chat/failures.ts';
import { andThen, type Soon } from '../../chat/soon.ts';
import { isToken, type Token } from '../../protocol.ts';
import type { Limits } from '../limits.ts';
import { bearerOver, type Bearer } from './bearer.ts';

export interface TokenHeaders {
  readonly chatToken: string;
  readonly userToken: string;
}

/** A handler that is for participants only. */
export type Authenticated = (handler: RequestHandler) => RequestHandler;

/**
 * Establishes who is calling from the two token headers, for {@link participantOf}, and goes on with a handler: one
 * step, because each step of Express costs as much as this. Whatever is wrong with the headers the answer is the same
 * 401, so that it tells a stranger nothing (protocol.md).
 */
export function authenticate(
  service: ChatService,
  headers: TokenHeaders,
  limits: Limits,
): Authenticated {
  const identify = identification(service, limits);
  // As Node has them: to make small letters of them for every request costs more than to look them up.
  const chatToken = headers.chatToken.toLowerCase();
  const userToken = headers.userToken.toLowerCase();
  return (handler) => (req, res, next) => {
    const bearer = bearerOver(req.socket, req.headers[chatToken], req.headers[userToken]);
    const caller = identify(req, bearer);
    return andThen(caller, (participant) => {
      res.locals['participant'] = participant;
      return handler(req, res, next) as Soon<void>;
    });
  };
}

/** Who the bearer of two tokens is, wherever a request has them; `null`: it has none. 401 unless they belong together. */
export function identification(service: ChatService, limits: Limits) {
  const refuse = async (req: Request): Promise<never> => {
    // Valid tokens are never refused for what others behind the same address do.
    await limits.failedAuthentication(req);
    throw failures.unauthorized();
  };
  return (req: Request, bearer: Bearer | null): Soon<Participant> => {
    const found = bearer && service.authenticate(bearer.chatToken, bearer.userId);
    return andThen(found, (participant) => participant ?? refuse(req));
  };
}

/** The participant that {@link authenticate} has established. */
export const participantOf = (res: Response): Participant =>
  res.locals['participant'] as Participant;

/** The token in a header; `null` when it is missing or is none. */
export function tokenFrom(req: Request, header: string): Token | null {
  const value = req.get(header);
  return isToken(value) ? value : null;
}

/**
 * The token that a client may have made itself; `undefined` when it has not.
 *
 * @throws {Failure} 400 when the header has something else
 */
export function ownToken(req: Request, header: string): Token | undefined {
  const value = req.get(header);
  if (value === undefined || isToken(value)) return value;
  throw failures.badRequest(`${header} is 24 lowercase hex characters`);
}
