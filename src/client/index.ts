/** The package's entry: a client of SFChat for programs (docs/client.md). */
export { Failure } from '../chat/failures.ts';
export type { Clock } from '../chat/clock.ts';
export type { Fetch, FetchInit, HttpAnswer } from './api/api-client.ts';
export { WrongKind } from './connection/wrong-kind.ts';
export type { Backoff } from './connection/backoff.ts';
export type * from './events.ts';
export { DEFAULT_SERVER } from './default-server.ts';
export {
  NoInvitation,
  RefusedText,
  SfChat,
  type CreateOptions,
  type SfChatOptions,
  type TextRefusal,
} from './sfchat.ts';
