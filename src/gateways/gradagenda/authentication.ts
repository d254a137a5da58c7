import type { Request } from 'express';
import type { Participant } from '../../chat/chat.ts';
import { failures } from '../../chat/failures.ts';
import { identification } from '../../http/api/authenticate.ts';
import { bearerOf } from '../../http/api/bearer.ts';
import type { GatewayContext } from '../gateway.ts';
import { publicIdOf } from '../participants.ts';
import type { ClientActionOf } from './client-actions.ts';

/** Establishes who the bearer of a public id and a user token is; 401 whatever is wrong with them. */
export type Authenticate = (action: ClientActionOf<'authenticate'>) => Promise<Participant>;

/** `authenticate` (GradAgenda, section 3.2.1): the same check and the same limit as with the token headers. */
export function createAuthenticate({
  service,
  limits,
}: Pick<GatewayContext, 'service' | 'limits'>): (req: Request) => Authenticate {
  const identify = identification(service, limits);
  return (req) =>
    async ({ 'user-id': userId, token }) => {
      const chatToken = userId.slice(0, userId.indexOf('_'));
      const participant = await identify(req, bearerOf(chatToken, token));
      if (publicIdOf(participant) !== userId) throw failures.unauthorized();
      return participant;
    };
}
