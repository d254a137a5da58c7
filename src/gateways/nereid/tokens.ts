import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { userIdOf } from '../../chat/chat.ts';
import type { Token } from '../../protocol.ts';
import type { GatewayContext } from '../gateway.ts';

/** What a chat token of nereid's stands for. */
export interface TokenPair {
  readonly chatToken: Token;
  readonly userToken: Token;
}

/** "4. Chat Token": uuids that stand for a participant, for the stream and for sending. */
export interface Tokens {
  /** A new one, good for an hour. */
  make(pair: TokenPair): Promise<string>;
  /** What a token stands for; `null`: unknown, expired, or none at all. */
  open(token: string): Promise<TokenPair | null>;
}

/** Milliseconds that a token is good for, unless its chat ends before (section 4.2). */
const LIFETIME_MS = 3_600_000;

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * Where tokens are kept stands a hash of each, and what it stands for encrypted by the token itself: whoever
 * reads it there can neither use a token nor learn whose it is.
 */
export const createTokens = ({
  expiringValues,
  clock,
}: Pick<GatewayContext, 'expiringValues' | 'clock'>): Tokens => ({
  make: async (pair) => {
    const token = randomUUID();
    await expiringValues.keep({
      key: hashOf('nereid', token).toString('hex'),
      value: seal(pair, token),
      owner: `nereid ${userIdOf(pair.userToken)}`,
      at: clock.now(),
      lifetimeMs: LIFETIME_MS,
    });
    return token;
  },
  open: async (given) => {
    if (!UUID_PATTERN.test(given)) return null;
    const token = given.toLowerCase();
    const sealed = await expiringValues.find(hashOf('nereid', token).toString('hex'), clock.now());
    return sealed === null ? null : unseal(sealed, token);
  },
});

/** The purpose keeps the name of a token and the key that it gives apart. */
const hashOf = (purpose: string, token: string): Buffer =>
  createHash('sha256').update(`${purpose} ${token}`).digest();

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const TOKEN_BYTES = 12;

function seal({ chatToken, userToken }: TokenPair, token: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, hashOf('nereid key', token), iv);
  const sealed = Buffer.concat([cipher.update(chatToken + userToken, 'hex'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function unseal(value: string, token: string): TokenPair {
  const bytes = Buffer.from(value, 'base64');
  const [iv, rest] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES)];
  const decipher = createDecipheriv(CIPHER, hashOf('nereid key', token), iv);
  decipher.setAuthTag(rest.subarray(0, TAG_BYTES));
  const pair = Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]);
  return {
    chatToken: pair.subarray(0, TOKEN_BYTES).toString('hex'),
    userToken: pair.subarray(TOKEN_BYTES).toString('hex'),
  };
}
