import type { Participant } from '../chat/chat.ts';
import type { ChatService } from '../chat/chat-service.ts';
import { failures } from '../chat/failures.ts';
import type { Limits } from '../http/limits.ts';
import { isEnvelope, isSendableText, type OutgoingMessage } from '../protocol.ts';

interface SendOptions {
  readonly service: ChatService;
  readonly limits: Limits;
  readonly messageMaxLength: number;
}

/**
 * Sends one message by the rules of `POST messages.json`: its check, its limits, its idempotence by id. An
 * encrypted chat takes an envelope.
 *
 * @throws {Failure} 400 a text that is none, 409 the chat is not ready, 429 budget used up or inbox full
 */
export async function sendMessage(
  context: SendOptions,
  participant: Participant,
  message: OutgoingMessage,
): Promise<void> {
  if (!isSendable(context, participant, message.msg)) {
    throw failures.badRequest(reasonFor(participant, context.messageMaxLength));
  }
  await context.limits.sendMessages(participant, [message]);
  await context.service.send(participant, [message]);
}

/** Whether a chat takes a text: an envelope where it is encrypted. */
export const isSendable = (
  { messageMaxLength }: Pick<SendOptions, 'messageMaxLength'>,
  { encrypted }: Participant,
  msg: string,
): boolean => (encrypted ? isEnvelope(msg) : isSendableText(msg, messageMaxLength));

const reasonFor = ({ encrypted }: Participant, messageMaxLength: number): string =>
  encrypted
    ? 'the message is not an envelope'
    : `a message is 1 to ${messageMaxLength} characters, not blank and well-formed`;
