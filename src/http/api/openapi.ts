import * as z from 'zod';
import {
  API_BASE,
  API_VERSION,
  statuses,
  systemEvents,
  TOKEN_PATTERN,
  TYPING_SHOWN_MS,
  type AdmissionResults,
  type InboxResults,
  type StateResults,
} from '../../protocol.ts';
import type { TokenHeaders } from './authenticate.ts';
import { acknowledgeBody, createBody, sendBody, signalBody } from './schemas.ts';

export interface OpenApiOptions {
  readonly headers: TokenHeaders;
  readonly messageMaxLength: number;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: object }>
  >;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const time = z.iso.datetime();
const status = z.enum(statuses);
const token = z.string().meta({ pattern: TOKEN_PATTERN.source });

/** Seconds; the setting that a creator may leave it to is not bound to their range. */
const absenceCloseAfter = z.number();

const admission = {
  chatToken: token,
  userToken: token,
  status,
  encrypted: z.boolean(),
  absenceCloseAfter,
  created: time,
  expires: time,
} satisfies Record<keyof AdmissionResults, z.ZodType>;

const state = {
  status,
  encrypted: z.boolean(),
  absenceCloseAfter,
  participants: z.literal([1, 2]),
  created: time,
  expires: time,
  talker: z.object({ present: z.boolean(), lastSeen: time.nullable() }),
} satisfies Record<keyof StateResults, z.ZodType>;

const delivery = {
  count: z.int(),
  status,
  messages: z.array(
    z.object({
      _id: token,
      msg: z.string(),
      system: z.boolean(),
      event: z.enum(systemEvents).optional(),
    }),
  ),
  waiting: z.int(),
  talker: z.object({ present: z.boolean(), typing: z.boolean() }),
} satisfies Record<keyof InboxResults, z.ZodType>;

/** Why a request may be refused, for every operation that can meet it. */
const refusedWhen: Readonly<Record<number, string>> = {
  400: 'Malformed body, blank or over-long message, bad id',
  401: 'Tokens missing, malformed, unknown, not belonging together, or the chat is removed',
  403: 'A browser asks for a page of another site',
  404: 'Invitation code that never was, or was long ago',
  409: 'The chat is not ready; its token is taken; the long poll was superseded',
  410: 'Invitation already used, or over: its chat is closed, expired or was removed',
  413: 'Body over 16 KiB',
  415: 'Body is not application/json in UTF-8',
  429: 'A rate limit, or the inbox of the addressee is full; see Retry-After',
  503: 'Storage unavailable, or no room; see Retry-After',
};

const jsonContent = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return { 'application/json': { schema: body } };
};

const body = (schema: z.ZodType, required = true) => ({
  required,
  content: jsonContent(schema, 'input'),
});

const results = (code: number, fields: z.ZodRawShape = {}) =>
  z.object({ results: z.object({ code: z.literal(code), msg: z.string(), ...fields }) });

function responses(code: number, description: string, fields: z.ZodRawShape, refused: number[]) {
  const refusal = (failed: number) => ({
    description: refusedWhen[failed] ?? '',
    content: jsonContent(results(failed), 'output'),
  });
  return {
    [code]: { description, content: jsonContent(results(code, fields), 'output') },
    ...Object.fromEntries(refused.map((failed) => [failed, refusal(failed)])),
  };
}

/** For operations of a participant: both token headers. */
const bothTokens = [{ chatToken: [], userToken: [] }];

type Path = OpenApiDocument['paths'][string];

/** For those who are not in a chat yet. */
function invitingOperations({ headers }: OpenApiOptions): Path {
  const tokenParameter = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string', pattern: TOKEN_PATTERN.source },
  });
  return {
    post: {
      operationId: 'createChat',
      summary: 'Create a chat',
      description:
        'Opens a draft that waits for its second participant. Repeat it with the same two tokens of your own when the answer got lost.',
      parameters: [
        tokenParameter(headers.chatToken, false, 'A chat token of your own'),
        tokenParameter(headers.userToken, false, 'A user token of your own'),
      ],
      requestBody: body(createBody, false),
      responses: responses(
        201,
        'The chat and your tokens',
        admission,
        [400, 403, 409, 413, 415, 429, 503],
      ),
    },
    put: {
      operationId: 'joinChat',
      summary: 'Join a chat',
      description:
        'Of any number of simultaneous joins exactly one succeeds. Repeat it with the same user token of your own when the answer got lost.',
      parameters: [
        tokenParameter(headers.chatToken, true, 'The invitation code'),
        tokenParameter(headers.userToken, false, 'A user token of your own'),
      ],
      responses: responses(
        200,
        'The chat and your tokens',
        admission,
        [400, 403, 404, 410, 413, 415, 429, 503],
      ),
    },
  };
}

function chatPath(options: OpenApiOptions): Path {
  return {
    ...invitingOperations(options),
    get: {
      operationId: 'readChat',
      summary: 'State of the chat',
      description: 'Status, participants, times, and whether the talker is there.',
      security: bothTokens,
      responses: responses(200, 'The state', state, [401, 429, 503]),
    },
    patch: {
      operationId: 'signal',
      summary: 'Signal that you type',
      description: `The talker sees it for ${TYPING_SHOWN_MS / 1000} seconds unless you repeat it or take it back, and only while a poll of theirs is held.`,
      security: bothTokens,
      requestBody: body(signalBody),
      responses: responses(202, 'Signalled', {}, [400, 401, 403, 409, 413, 415, 429, 503]),
    },
    delete: {
      operationId: 'closeChat',
      summary: 'Close the chat',
      description: 'Closes it for both. A second close changes nothing.',
      security: bothTokens,
      responses: responses(202, 'Closed', {}, [400, 401, 403, 413, 415, 429, 503]),
    },
  };
}

const knownParameter = (name: string, type: string, what: string) => ({
  name,
  in: 'query',
  required: false,
  description: `${what}, as you know it: answered at once when it is no longer true`,
  schema: { type },
});

function messagesPath({ messageMaxLength }: OpenApiOptions): Path {
  const sendable = z.union([sendBody(messageMaxLength, false), sendBody(messageMaxLength, true)]);
  return {
    get: {
      operationId: 'receiveMessages',
      summary: 'Receive messages',
      description:
        'The whole inbox, oldest first. A long poll is held until there is news; the same messages come back until they are acknowledged.',
      security: bothTokens,
      parameters: [
        {
          name: 'longPolling',
          in: 'query',
          required: false,
          description: 'false or 0: answer at once; anything else or absent: hold the request',
          schema: { type: 'string', default: 'true' },
        },
        {
          name: 'hold',
          in: 'query',
          required: false,
          description:
            'Seconds to be held at the most, where that is less than the server would hold the request; then the answer is empty. Whoever asks for it and does not come back after an answer counts as gone within seconds. A value that is no such number is ignored',
          schema: { type: 'number', exclusiveMinimum: 0 },
        },
        knownParameter('waiting', 'integer', 'How many of your messages are on their way'),
        knownParameter('present', 'boolean', 'Whether the talker is there'),
        knownParameter('typing', 'boolean', 'Whether the talker types'),
      ],
      responses: responses(200, 'The inbox', delivery, [401, 409, 429, 503]),
    },
    post: {
      operationId: 'sendMessages',
      summary: 'Send messages',
      description:
        'All or nothing. Repeat a request with the same ids as often as you like: each message is stored once. Encrypted chats take envelopes instead of texts.',
      security: bothTokens,
      requestBody: body(sendable),
      responses: responses(202, 'Stored', {}, [400, 401, 403, 409, 413, 415, 429, 503]),
    },
    delete: {
      operationId: 'acknowledgeMessages',
      summary: 'Acknowledge messages',
      description: 'The server forgets them. Unknown ids are ignored.',
      security: bothTokens,
      requestBody: body(acknowledgeBody),
      responses: responses(202, 'Forgotten', {}, [400, 401, 403, 413, 415, 429, 503]),
    },
  };
}

/**
 * The protocol as an OpenAPI 3.1 document. Bodies come from the definitions that validate them, so
 * that the document cannot say something else than the server does.
 */
export function openApiDocument(options: OpenApiOptions): OpenApiDocument {
  const { headers } = options;
  return {
    openapi: '3.1.0',
    info: {
      title: 'SFChat',
      version: API_VERSION,
      description:
        'Secure Free Chat: two people, one invitation code. The server keeps a message until it is acknowledged, and a chat for at most 24 hours.',
    },
    paths: {
      [`${API_BASE}/chat.json`]: chatPath(options),
      [`${API_BASE}/messages.json`]: messagesPath(options),
    },
    components: {
      securitySchemes: {
        chatToken: { type: 'apiKey', in: 'header', name: headers.chatToken },
        userToken: { type: 'apiKey', in: 'header', name: headers.userToken },
      },
    },
  };
}
