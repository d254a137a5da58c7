import type { Gateway } from '../gateway.ts';

/** nereid Browser Chat 1.0 (gateways.md). */
export const open = (): Gateway => ({});
