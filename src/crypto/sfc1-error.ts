/** Why the suite refuses what its own side asks of it; a page translates these. */
export type Sfc1Refusal =
  /** This is no code of an encrypted chat. */
  | 'no code'
  /** No key has been confirmed yet, so nothing can be sent. */
  | 'no keys'
  /** Five handshakes have begun in this chat. */
  | 'handshake limit'
  /** The text is empty. */
  | 'text empty'
  /** The text has more than 140 code points. */
  | 'text too long'
  /** The text has a NUL or half a character (a lone surrogate). */
  | 'text malformed';

/** A refusal of the suite. Its message is the reason alone: never a text, a code or a key. */
export class Sfc1Error extends Error {
  readonly reason: Sfc1Refusal;

  constructor(reason: Sfc1Refusal) {
    super(`sfc1: ${reason}`);
    this.name = 'Sfc1Error';
    this.reason = reason;
  }
}
