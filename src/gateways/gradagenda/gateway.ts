import type { Express, Request } from 'express';
import { WebSocketServer } from 'ws';
import { failures } from '../../chat/failures.ts';
import { failureOfErrors } from '../../http/errors.ts';
import { hasOwnOrigin } from '../../http/same-site.ts';
import type { OpenGateway } from '../gateway.ts';
import { createAuthenticate } from './authentication.ts';
import { Connection } from './connection.ts';
import { endings } from './endings.ts';
import { MAX_PAYLOAD_BYTES } from './payloads.ts';
import { offerUpgrade, refuseOpening, refuseUpgrade } from './upgrade.ts';

/** Where the connections begin. */
const PATH = '/ws/gradagenda';

/** The subprotocol that is agreed on where a client offers it; the document names none. */
const SUBPROTOCOL = 'gradagenda';

/** Pieces in which one payload may come: each a byte, and as many that are empty. */
const MOST_PIECES = 2 * MAX_PAYLOAD_BYTES;

/** Milliseconds after which a server that stops has been replaced, as a rule. */
const STOPPING_RETRY_MS = 1000;

/** GradAgenda over WebSocket (gateways.md; docs/gateways.md says what each operation does here). */
export const open: OpenGateway = (context) => {
  const connections = new Set<Connection>();
  const authenticate = createAuthenticate(context);
  const toFailure = failureOfErrors(context.logger);
  const sockets = createSockets();
  let isStopping = false;

  /** Counts a connection until the returned function is called. */
  const admit = (req: Request): (() => void) => {
    // Browsers ask nobody before they connect a page of another site.
    if (!hasOwnOrigin(req)) throw failures.forbidden();
    if (isStopping) throw failures.unavailable(STOPPING_RETRY_MS);
    return context.limits.holdPoll(req);
  };

  return {
    routes: (app: Express) => {
      offerUpgrade(app, PATH);
    },
    upgrade: {
      path: PATH,
      take: (req, socket, head) => {
        try {
          socket.once('close', admit(req));
        } catch (error) {
          refuseUpgrade(req, toFailure(error));
          return;
        }
        sockets.handleUpgrade(req, socket, head, (webSocket) => {
          const connection = new Connection({
            gateway: context,
            authenticate: authenticate(req),
            toFailure,
            socket: webSocket,
          });
          connections.add(connection);
          webSocket.once('close', () => connections.delete(connection));
        });
      },
    },
    stop: () => {
      isStopping = true;
      for (const connection of connections) connection.close(endings.stopping);
    },
  };
};

/** What makes WebSockets of connections; it holds none itself. */
function createSockets(): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    maxFragments: MOST_PIECES,
    maxBufferedChunks: MOST_PIECES,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  });
  // Its own answer would be without the headers that every answer has.
  return sockets.on('wsClientError', (error, _socket, req) => {
    refuseOpening(req as Request, error);
  });
}
