import { createCipheriv, createDecipheriv, createHmac, randomBytes, scryptSync } from 'node:crypto';
import type { Place } from '../../chat/chat-store.ts';
import { isSame } from '../ops/ops-routes.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TIME_BYTES = 6;
const TOKEN_BYTES = 12;

/**
 * What the admin pages hide and prove. The keys come from the password, so that every process of the
 * service understands the links and forms of every other; slowly, so that a link that got out is of
 * little use for guessing the password.
 */
export class AdminSecrets {
  readonly #cursorKey: Buffer;
  /** Stands in every form: a page of somebody else's cannot know it. */
  readonly formToken: string;

  constructor(password: string) {
    const keys = scryptSync(password, 'sfchat admin v1', 64);
    this.#cursorKey = keys.subarray(0, 32);
    this.formToken = createHmac('sha256', keys.subarray(32)).update('form').digest('base64url');
  }

  isFormToken(given: unknown): boolean {
    return typeof given === 'string' && isSame(given, this.formToken);
  }

  /** A position for a link. It names a chat, so it is encrypted: URLs end up in histories and logs. */
  seal({ created, token }: Place): string {
    const plain = Buffer.alloc(TIME_BYTES + TOKEN_BYTES);
    plain.writeUIntBE(created, 0, TIME_BYTES);
    plain.write(token, TIME_BYTES, 'hex');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#cursorKey, nonce);
    const sealed = Buffer.concat([
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return sealed.toString('base64url');
  }

  /** `null`: not a position of ours, or from before the password was changed. */
  open(sealed: string): Place | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length !== NONCE_BYTES + TIME_BYTES + TOKEN_BYTES + TAG_BYTES) return null;
    const decipher = createDecipheriv(CIPHER, this.#cursorKey, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    }).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const plain = Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return {
        created: plain.readUIntBE(0, TIME_BYTES),
        token: plain.toString('hex', TIME_BYTES),
      };
    } catch {
      return null;
    }
  }
}
