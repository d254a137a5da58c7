/** What the server says (GradAgenda, section 3.3), with the extra members that clients of the document ignore. */

export interface StatusResponse {
  readonly cdid: string;
  readonly type: 'status-response';
  readonly status: 'succeeded' | 'failed';
  readonly message?: string;
}

export type SessionStatus = 'created' | 'modified' | 'deleted' | 'unchanged';

export interface SessionInfo {
  /** Extra: the request that this answers; none when nobody has asked. */
  readonly cdid?: string;
  readonly type: 'providing-session-info';
  readonly 'session-id': string;
  readonly 'session-type': 'direct' | 'mutable';
  readonly status: SessionStatus;
  readonly 'user-id': readonly string[];
}

export interface MessageBroadcast {
  /** Extra: the request that sent it, for its sender only. */
  readonly cdid?: string;
  readonly type: 'message-broadcast';
  readonly 'session-id': string;
  readonly 'sender-id': string;
  readonly message: { readonly type: 'text'; readonly body: string };
  /** Milliseconds since the epoch. */
  readonly 'sender-timestamp': number;
  /** Extra: one message has one id, however often it comes. */
  readonly 'message-id': string;
  /** Extra: the occasion of a system message. */
  readonly event?: string;
}

export type ServerAction = StatusResponse | SessionInfo | MessageBroadcast;

export const succeeded = (cdid: string): StatusResponse => ({
  cdid,
  type: 'status-response',
  status: 'succeeded',
});

/** @param message why; it names nothing that a client has sent */
export const failed = (cdid: string, message: string): StatusResponse => ({
  cdid,
  type: 'status-response',
  status: 'failed',
  message,
});
