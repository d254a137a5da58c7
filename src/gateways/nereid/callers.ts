import type { Request } from 'express';
import type { Participant } from '../../chat/chat.ts';
import { Failure, failures } from '../../chat/failures.ts';
import { identification } from '../../http/api/authenticate.ts';
import { bearerOf, type Bearer } from '../../http/api/bearer.ts';
import { refusals, type Token } from '../../protocol.ts';
import type { GatewayContext } from '../gateway.ts';
import type { Tokens } from './tokens.ts';

/** Who calls, and the two tokens that say so. They live as long as the request. */
export interface Caller {
  readonly participant: Participant;
  readonly chatToken: Token;
  readonly userToken: Token;
}

/** How a request says who is calling. Each throws 401 unless stated otherwise. */
export interface Callers {
  /** By SFChat's two headers. */
  byHeaders(req: Request): Promise<Caller>;
  /** By a chat token of nereid's. */
  byToken(req: Request, token: string): Promise<Caller>;
  /** The same; 404 for one that is unknown or expired, or whose chat is not there any more. */
  byStreamToken(req: Request, token: unknown): Promise<Caller>;
}

export function createCallers(
  { service, limits, headers }: GatewayContext,
  tokens: Tokens,
): Callers {
  const identify = identification(service, limits);

  const callerOf = async (req: Request, bearer: Bearer | null): Promise<Caller> => {
    const participant = await identify(req, bearer);
    return { participant, chatToken: bearer?.chatToken ?? '', userToken: bearer?.userToken ?? '' };
  };

  const byToken = async (req: Request, token: string): Promise<Caller> => {
    const found = await tokens.open(token);
    return callerOf(req, bearerOf(found?.chatToken, found?.userToken));
  };

  return {
    byHeaders: (req) =>
      callerOf(req, bearerOf(req.get(headers.chatToken), req.get(headers.userToken))),
    byToken,
    byStreamToken: async (req, token) => {
      try {
        return await byToken(req, String(token));
      } catch (error) {
        const isUnknown = error instanceof Failure && error.code === refusals.unauthorized.code;
        throw isUnknown ? failures.notFound() : error;
      }
    },
  };
}
