import { z } from 'zod';
import {
  isEnvelope,
  isSendableText,
  newToken,
  TOKEN_PATTERN,
  type OutgoingMessage,
  type Token,
} from '../../chat/chat.ts';
import { failures } from '../../chat/failures.ts';

/** Request bodies: what validates them also describes them in the OpenAPI document. */

const token = z
  .string('an id is 24 lowercase hex characters')
  .regex(TOKEN_PATTERN, 'an id is 24 lowercase hex characters')
  .meta({ description: '24 lowercase hex characters' });

const messageList = (limit: number, what: string) => ({
  error: `messages is a list of 1 to ${limit} ${what}`,
});

/** `POST chat.json` */
export const createBody = z.object(
  {
    data: z
      .object(
        { encrypted: z.boolean('encrypted is true or false').optional() },
        'data is an object',
      )
      .optional(),
  },
  'body is an object',
);

/**
 * `POST messages.json`. What a text may be depends on the chat: a plain one takes 1 to `maxLength`
 * code points, an encrypted one an envelope.
 */
export const sendBody = (maxLength: number, encrypted: boolean) => {
  const text = encrypted
    ? z
        .string('msg is a text')
        .refine(isEnvelope, 'msg is not an envelope')
        .meta({ pattern: '^[A-Za-z0-9._-]{1,1200}$', description: 'an envelope (encrypted chat)' })
    : z
        .string('msg is a text')
        .refine(
          (msg) => isSendableText(msg, maxLength),
          `msg is 1 to ${maxLength} characters, not blank and well-formed`,
        )
        .meta({
          minLength: 1,
          maxLength,
          description: 'a text (plain chat): Unicode code points, not only white space',
        });
  const message = z.object({ msg: text, _id: token.optional() }, 'a message is an object');
  return z.object(
    {
      data: z.object(
        {
          messages: z
            .array(message, messageList(20, 'messages'))
            .min(1, messageList(20, 'messages'))
            .max(20, messageList(20, 'messages')),
        },
        'data is an object',
      ),
    },
    'body is an object',
  );
};

/** `DELETE messages.json` */
export const acknowledgeBody = z.object(
  {
    data: z.object(
      {
        messages: z
          .array(z.object({ _id: token }, 'a message is an object'), messageList(200, 'ids'))
          .min(1, messageList(200, 'ids'))
          .max(200, messageList(200, 'ids')),
      },
      'data is an object',
    ),
  },
  'body is an object',
);

/**
 * Checks a whole body before anything is done with it.
 *
 * @throws {Failure} 400 with the first thing that is wrong
 */
export function parseBody<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw failures.badRequest(result.error.issues[0]?.message ?? 'malformed body');
}

/** The messages of a send request, each with an id: the client's own, or a new one. */
export const toOutgoing = (
  messages: readonly { msg: string; _id?: Token | undefined }[],
): OutgoingMessage[] => messages.map(({ msg, _id }) => ({ msg, _id: _id ?? newToken() }));
