import type { OpenGateway } from './gateway.ts';

/** Every gateway there is: its name in the settings and its folder. Nothing is loaded that is not named. */
export const gateways = {
  nereid: () => import('./nereid/gateway.ts'),
  gradagenda: () => import('./gradagenda/gateway.ts'),
} satisfies Record<string, () => Promise<{ readonly open: OpenGateway }>>;

export type GatewayName = keyof typeof gateways;

export const gatewayNames = Object.keys(gateways) as GatewayName[];
