/** What the settings call the gateways, and their folders. */
export const gatewayNames = ['nereid', 'gradagenda'] as const;

export type GatewayName = (typeof gatewayNames)[number];
