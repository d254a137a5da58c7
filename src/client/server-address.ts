import { parseInvitation, type Invitation } from '../crypto/index.ts';

/**
 * The address of a server without a slash at its end, with the path that a proxy may have put before it.
 *
 * @throws {TypeError} when it is no address of a server.
 */
export function readServer(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new TypeError('The address of a server begins with http:// or https://');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('The address of a server has no user, no question mark and no number sign');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** Something that is no invitation. */
export class NoInvitation extends TypeError {
  constructor() {
    super('This is no invitation: a code has 24 characters, and a link ends with one');
    this.name = 'NoInvitation';
  }
}

/** An invitation, and the server that its link names. */
export interface AddressedInvitation {
  readonly invitation: Invitation;
  readonly server: string | undefined;
}

/** The invitation in a code or a link; undefined when there is none. */
export function readInvitation(typed: string): AddressedInvitation | undefined {
  const invitation = parseInvitation(typed);
  if (!invitation) return undefined;
  const [address = ''] = typed.trim().split('#');
  const isLink = /^https?:\/\//i.test(address) && URL.canParse(address);
  return { invitation, server: isLink ? readServer(address) : undefined };
}
