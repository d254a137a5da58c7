import { hash } from 'node:crypto';

/** Names that are remembered at the most, for each prefix: about 200 bytes each. */
const MOST_REMEMBERED = 10_000;

/** The name in Redis of what belongs to somebody: whoever watches Redis does not learn whose it is. */
export const hashedKey = (prefix: string): ((name: string) => string) =>
  remembered((name) => `${prefix}:${hash('sha256', name, 'base64url').slice(0, 22)}`);

/** Somebody who talks is named a dozen times for each message, so each name is made once. */
export function remembered(make: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const key = make(name);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(name, key);
    return key;
  };
}
