import * as z from 'zod';
import { newToken } from '../../chat/chat.ts';
import { failures } from '../../chat/failures.ts';
import {
  ABSENCE_CLOSE_AFTER,
  ENVELOPE_PATTERN,
  isEnvelope,
  isSendableText,
  MAX_ACKNOWLEDGED,
  MAX_SENT,
  TOKEN_PATTERN,
  type OutgoingMessage,
  type Token,
} from '../../protocol.ts';

/** Request bodies: what validates them also describes them in the OpenAPI document. */

const token = z
  .string('an id is 24 lowercase hex characters')
  .regex(TOKEN_PATTERN, 'an id is 24 lowercase hex characters')
  .meta({ description: '24 lowercase hex characters' });

const messageList = (limit: number, what: string) => ({
  error: `messages is a list of 1 to ${limit} ${what}`,
});

const absenceRule =
  `absenceCloseAfter is a whole number of seconds from ${ABSENCE_CLOSE_AFTER.least} ` +
  `to ${ABSENCE_CLOSE_AFTER.most}`;

/** `POST chat.json` */
export const createBody = z.object(
  {
    data: z
      .object(
        {
          encrypted: z.boolean('encrypted is true or false').optional(),
          absenceCloseAfter: z
            .int(absenceRule)
            .min(ABSENCE_CLOSE_AFTER.least, absenceRule)
            .max(ABSENCE_CLOSE_AFTER.most, absenceRule)
            .meta({ description: 'seconds that one may be away until the chat is closed' })
            .optional(),
        },
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
        .meta({ pattern: ENVELOPE_PATTERN.source, description: 'an envelope (encrypted chat)' })
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
            .array(message, messageList(MAX_SENT, 'messages'))
            .min(1, messageList(MAX_SENT, 'messages'))
            .max(MAX_SENT, messageList(MAX_SENT, 'messages')),
        },
        'data is an object',
      ),
    },
    'body is an object',
  );
};

/** `PATCH chat.json` */
export const signalBody = z.object(
  { data: z.object({ typing: z.boolean('typing is true or false') }, 'data is an object') },
  'body is an object',
);

/** `DELETE messages.json` */
export const acknowledgeBody = z.object(
  {
    data: z.object(
      {
        messages: z
          .array(
            z.object({ _id: token }, 'a message is an object'),
            messageList(MAX_ACKNOWLEDGED, 'ids'),
          )
          .min(1, messageList(MAX_ACKNOWLEDGED, 'ids'))
          .max(MAX_ACKNOWLEDGED, messageList(MAX_ACKNOWLEDGED, 'ids')),
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
