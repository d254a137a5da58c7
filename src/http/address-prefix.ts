import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/** Bytes of an IPv6 address that name a customer: providers hand out /56 and smaller. */
const IPV6_PREFIX_BYTES = 7;

/**
 * Where a request comes from, as far as `TRUST_PROXY` lets a proxy say it. What no proxy has passed on comes from where its
 * connection does; Express goes a long way to say the same.
 */
export const addressOf = (req: Request): string | undefined =>
  req.headers['x-forwarded-for'] === undefined ? req.socket.remoteAddress : req.ip;

/**
 * What limits count by: an IPv4 address, or the /56 of an IPv6 address, in which one household has
 * any number of addresses to choose from.
 */
export function addressPrefix(address: string | undefined): string {
  const known = recent.get(address);
  if (known !== undefined) return known;
  // Forgotten together: to forget the oldest would cost more than to work them out again.
  if (recent.size === MOST_RECENT) recent.clear();
  const prefix = prefixOf(address);
  recent.set(address, prefix);
  return prefix;
}

/** Addresses whose prefixes are remembered. */
const MOST_RECENT = 10_000;
const recent = new Map<string | undefined, string>();

function prefixOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return Buffer.from(parsed.toByteArray().slice(0, IPV6_PREFIX_BYTES)).toString('hex');
}
