import type { Participant } from '../chat/chat.ts';
import type { ChatService } from '../chat/chat-service.ts';
import { failures } from '../chat/failures.ts';
import type { Limits } from '../http/limits.ts';
import { isEnvelope, isSendableText, type OutgoingMessage } from '../protocol.ts';

interface SendParts {
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
  { service, limits, messageMaxLength }: SendParts,
  participant: Participant,
  message: OutgoingMessage,
): Promise<void> {
  const { msg } = message;
  const isSendable = participant.encrypted
    ? isEnvelope(msg)
    : isSendableText(msg, messageMaxLength);
  if (!isSendable) throw failures.badRequest(reasonFor(participant, messageMaxLength));
  await limits.sendMessages(participant.userId, 1);
  await service.send(participant, [message]);
}

const reasonFor = ({ encrypted }: Participant, messageMaxLength: number): string =>
  encrypted
    ? 'the message is not an envelope'
    : `a message is 1 to ${messageMaxLength} characters, not blank and well-formed`;
