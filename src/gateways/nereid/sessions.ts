import type { RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import type { GatewayContext } from '../gateway.ts';
import { publicIdOf, talkersPublicId } from '../participants.ts';
import { answerJson } from './answers.ts';
import type { Callers } from './callers.ts';
import { formOf, required } from './form.ts';
import { personOf, presenceOf } from './stanzas.ts';

/** `POST /nereid-chat/start-session`: the one thread there is, with the one other person there is. */
export function startSession({ service }: GatewayContext, callers: Callers): RequestHandler {
  return async (req, res) => {
    const { participant } = await callers.byHeaders(req);
    const user = required(formOf(req), 'user');
    const { chat } = await service.state(participant);
    const talker = talkersPublicId(participant);
    if (chat.joiner === null || user !== talker) throw failures.forbidden();
    if (chat.status === 'closed') throw failures.chatClosed();
    const members = [personOf(publicIdOf(participant), 'You'), personOf(talker, 'Talker')];
    answerJson(res, 200, { thread_id: chat.token, members });
  };
}

/** `GET /nereid-chat/get-friends`: the talker's presence, once there is a talker. */
export function friends({ service }: GatewayContext, callers: Callers): RequestHandler {
  return async (req, res) => {
    const { participant } = await callers.byHeaders(req);
    const { chat, talker } = await service.state(participant);
    const hasTalker = chat.joiner !== null;
    answerJson(res, 200, { friends: hasTalker ? [presenceOf(participant, talker.present)] : [] });
  };
}
