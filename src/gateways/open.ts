import type { Gateway, GatewayContext } from './gateway.ts';
import type { GatewayName } from './names.ts';
import { createReceivers } from './receivers.ts';
import { gateways } from './table.ts';

/** The gateways of one server. */
export interface Gateways {
  readonly open: readonly Gateway[];
  /** Tells every connection to come back, and takes none from now on. */
  readonly stop: () => void;
}

/** Loads the gateways that are named, and no other. */
export async function openGateways(
  names: readonly GatewayName[],
  context: Omit<GatewayContext, 'receivers'>,
): Promise<Gateways> {
  const receivers = createReceivers(context);
  const open = await Promise.all(
    names.map(async (name) => (await gateways[name]()).open({ ...context, receivers })),
  );
  return {
    open,
    stop: () => {
      receivers.stop();
      for (const gateway of open) gateway.stop?.();
    },
  };
}
