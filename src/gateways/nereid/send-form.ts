import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { failures } from '../../chat/failures.ts';
import type { GatewayContext } from '../gateway.ts';
import { messageIds } from '../participants.ts';
import { isSendable, sendMessage } from '../send.ts';
import { answerJson, InvalidForm } from './answers.ts';
import type { Caller, Callers } from './callers.ts';
import { formOf, required, type Form } from './form.ts';

/** An RFC 4122 UUID of any version (section 3.1.6). */
const UUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a chat of texts without a topic has no place for: it would get lost in silence. */
const refusedFields = ['subject', 'attachments'];

/** `POST /nereid-chat/send-message`: one plain message to the thread. */
export function sendForm(context: GatewayContext, callers: Callers): RequestHandler {
  return async (req, res) => {
    const form = formOf(req);
    const { participant, chatToken, userToken } = await callerOf(req, form, callers);
    const thread = required(form, 'thread_id');
    const msg = required(form, 'message');
    if (thread !== chatToken) throw failures.notFound();
    assertPlain(form);
    if (!isSendable(context, participant, msg)) {
      throw new InvalidForm('message', 'This is no message that the chat takes.');
    }
    const id = idIn(form);
    await sendMessage(context, participant, { _id: messageIds(userToken)(id), msg });
    answerJson(res, 200, { UUID: id });
  };
}

/** By a token as bearer or as a field, or by the headers. */
function callerOf(req: Request, form: Form, callers: Callers): Promise<Caller> {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '') ?? [];
  const token = bearer ?? form.get('token');
  return token === undefined ? callers.byHeaders(req) : callers.byToken(req, token);
}

function assertPlain(form: Form): void {
  const type = form.get('type') ?? '';
  if (type !== '' && type !== 'plain') throw new InvalidForm('type', 'Only plain is supported.');
  const given = refusedFields.find((field) => (form.get(field) ?? '') !== '');
  if (given !== undefined) throw new InvalidForm(given, 'This is not supported.');
}

/** The id that the client has made, or a new one. */
function idIn(form: Form): string {
  const id = form.get('id') ?? '';
  if (id === '') return randomUUID();
  if (!UUID_PATTERN.test(id)) throw new InvalidForm('id', 'This is not a UUID.');
  return id;
}
