import type { Request, RequestHandler } from 'express';
import { failures } from '../chat/failures.ts';

/** These change nothing (protocol.md, "Rules for every call"). */
const harmless = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request asks for a change. */
const asksForChange = ({ method }: Request): boolean => !harmless.includes(method);

/**
 * Refuses with 403 what a page of another site made a browser ask for: forms, beacons and `no-cors`
 * requests need nobody's permission. Programs that are no browsers send neither of the two headers.
 */
export const refuseOtherSites: RequestHandler = (req, _res, next) => {
  assertOwnSite(req);
  next();
};

/** As {@link refuseOtherSites}, for whoever asks several things at once. */
export function assertOwnSite(req: Request): void {
  if (asksForChange(req) && isOfAnotherSite(req)) throw failures.forbidden();
}

/** What a browser says of where a request comes from (Fetch Metadata); `undefined` in old browsers. */
export const siteOf = (req: Request): string | undefined => req.headers['sec-fetch-site'];

function isOfAnotherSite(req: Request): boolean {
  const site = siteOf(req);
  if (site === 'cross-site' || site === 'same-site') return true;
  // `none`: the person, not a page. A word that is not known says nothing.
  if (site === 'same-origin' || site === 'none') return false;
  return !hasOwnOrigin(req);
}

/**
 * Whether `Origin` is missing or names the host that was asked, as far as `TRUST_PROXY` lets a proxy
 * name it. The scheme is not compared: a proxy may have ended TLS. `Origin: null` is nobody's.
 */
export function hasOwnOrigin(req: Request): boolean {
  const given = req.headers.origin;
  if (given === undefined) return true;
  const origin = parseUrl(given);
  if (origin === null || !/^https?:$/.test(origin.protocol)) return false;
  // Parsed with the same scheme, so that case, default port and the forms of an address do not matter.
  return parseUrl(`${origin.protocol}//${req.host}`)?.host === origin.host;
}

const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
