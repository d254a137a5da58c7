import type { Duplex } from 'node:stream';
import type { Express, Request } from 'express';
import type { Logger } from 'pino';
import type { ChatService } from '../chat/chat-service.ts';
import type { Clock } from '../chat/clock.ts';
import type { ExpiringValues } from '../chat/expiring-values.ts';
import type { TokenHeaders } from '../http/api/authenticate.ts';
import type { Limits } from '../http/limits.ts';
import type { Receivers } from './receivers.ts';

/** What a gateway works with: the chats, and nothing of where they are kept. */
export interface GatewayContext {
  readonly service: ChatService;
  readonly limits: Limits;
  readonly headers: TokenHeaders;
  readonly messageMaxLength: number;
  /** How a connection becomes its participant's one live receiver. */
  readonly receivers: Receivers;
  /** For tokens that a gateway makes. */
  readonly expiringValues: ExpiringValues;
  readonly clock: Clock;
  /** Takes no token, no text and no address. */
  readonly logger: Logger;
}

/** A connection that leaves HTTP; `req` is one of Express, so that `req.ip` and `req.host` are what they are there. */
export type TakeUpgrade = (req: Request, socket: Duplex, head: Buffer) => void;

/** One protocol through which chats are reached (gateways.md). It has no state but open connections. */
export interface Gateway {
  /** Puts its requests on the app. */
  readonly routes?: (app: Express) => void;
  /** The path whose requests may leave HTTP (`Upgrade`), and who takes them over. Any other stays plain HTTP. */
  readonly upgrade?: { readonly path: string; readonly take: TakeUpgrade };
  /**
   * The server stops: connections that hold a receiver have been told by it (`stopping`); this is for all
   * others. None may be open some seconds later.
   */
  readonly stop?: () => void;
}

/** What a folder under `src/gateways/` exports as `open`. */
export type OpenGateway = (context: GatewayContext) => Gateway;
