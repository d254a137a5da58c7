/** The package's entry: a client of SFChat for programs (docs/client.md). */
export { Failure } from '../chat/failures.ts';
export type { Clock } from '../chat/clock.ts';
export type { Fetch, FetchInit, HttpAnswer } from './api/api-client.ts';
export { WrongKind } from './connection/wrong-kind.ts';
export type { Backoff } from './connection/backoff.ts';
export type * from './events.ts';
export { DEFAULT_SERVER } from './default-server.ts';
export type { SfChatOptions } from './opening.ts';
export { RefusedText, type TextRefusal } from './refused-text.ts';
export { NoInvitation } from './server-address.ts';
export type { CreateOptions } from './entering.ts';
export { SfChat } from './sfchat.ts';
