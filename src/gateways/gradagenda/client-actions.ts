import * as z from 'zod';
import { isObject, MAX_BATCH, type JsonObject } from './payloads.ts';

/** What a client may ask for (GradAgenda, sections 3.1, 3.2 and 3.4). Members that are not named here are ignored. */

const text = (name: string) => z.string(`${name} is a text`);
const texts = (name: string) => {
  const rule = `${name} is a list of texts`;
  return z.array(z.string(rule), rule);
};

const cdid = text('cdid')
  .min(1, 'cdid is not empty')
  .refine((value) => value.isWellFormed(), 'cdid is well-formed');

const action = <const Type extends string, Fields extends z.ZodRawShape>(
  type: Type,
  fields: Fields,
) => z.object({ cdid, type: z.literal(type), ...fields });

const message = z.object(
  {
    type: z.literal('text', 'the type of a message is text'),
    body: text('the body of a message'),
  },
  'message is an object',
);

const singleAction = z.discriminatedUnion(
  'type',
  [
    action('authenticate', {
      'user-id': text('user-id'),
      'device-id': text('device-id'),
      token: text('token'),
    }),
    action('request-direct-session-info', { 'user-id': text('user-id') }),
    action('request-mutable-session-creation', { 'user-id': texts('user-id') }),
    action('request-mutable-session-modification', {
      'session-id': text('session-id'),
      'user-id': texts('user-id'),
    }),
    action('request-mutable-session-deletion', { 'session-id': text('session-id') }),
    action('request-mutable-session-listing', {}),
    action('request-sending-a-message', {
      'session-id': text('session-id'),
      message,
      'sender-timestamp': z.int('sender-timestamp is a whole number of milliseconds'),
    }),
  ],
  'type is none of the actions of a client',
);

const batchRule = `actions is a list of ${MAX_BATCH} objects at the most`;

const batchAction = action('batch-mode-action', {
  actions: z
    .array(z.custom<JsonObject>(isObject, batchRule), batchRule)
    .max(MAX_BATCH, batchRule)
    .refine((actions) => !actions.some(isBatch), 'a batch is not in a batch'),
});

export type ClientAction = z.infer<typeof singleAction>;

/** An action of one type. */
export type ClientActionOf<Type extends ClientAction['type']> = Extract<
  ClientAction,
  { readonly type: Type }
>;

/** What is wrong with an action, for a status response. */
export interface Malformed {
  /** Empty when the action has none. */
  readonly cdid: string;
  readonly type: unknown;
  readonly reason: string;
}

/**
 * The actions that an object asks for, in order, each checked whole before anything is done for it: one, or those of
 * a batch. A batch that is malformed itself asks for nothing else.
 */
export function parseActions(object: JsonObject): readonly (ClientAction | Malformed)[] {
  if (!isBatch(object)) return [parse(singleAction, object)];
  const batch = parse(batchAction, object);
  return 'reason' in batch ? [batch] : batch.actions.map((each) => parse(singleAction, each));
}

const isBatch = ({ type }: JsonObject): boolean => type === 'batch-mode-action';

function parse<Action>(schema: z.ZodType<Action>, object: JsonObject): Action | Malformed {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const { cdid: given, type } = object;
  const reason = result.error.issues[0]?.message ?? 'malformed action';
  return { cdid: typeof given === 'string' ? given : '', type, reason };
}
