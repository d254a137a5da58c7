import type { OpenGateway } from './gateway.ts';
import type { GatewayName } from './names.ts';

/** How each gateway is loaded. Nothing is loaded that is not named. */
export const gateways = {
  nereid: () => import('./nereid/gateway.ts'),
  gradagenda: () => import('./gradagenda/gateway.ts'),
} satisfies Record<GatewayName, () => Promise<{ readonly open: OpenGateway }>>;
