import { refusalOfText } from '../crypto/index.ts';
import { isBlank, isSendableText, MESSAGE_MAX_LENGTH } from '../protocol.ts';

/** Why a text cannot be sent. */
export type TextRefusal = 'text empty' | 'text blank' | 'text too long' | 'text malformed';

/** A text that cannot be sent; its `reason` says why. */
export class RefusedText extends RangeError {
  readonly reason: TextRefusal;

  constructor(reason: TextRefusal) {
    super(`The message cannot be sent: ${reason}`);
    this.name = 'RefusedText';
    this.reason = reason;
  }
}

/** Whether a text may be a message: 1 to 140 code points, not only white space. Undefined when it may. */
export function refusalOf(text: string): TextRefusal | undefined {
  const refusal = refusalOfText(text);
  if (refusal === 'text empty' || refusal === 'text too long' || refusal === 'text malformed') {
    return refusal;
  }
  if (isBlank(text)) return 'text blank';
  return isSendableText(text, MESSAGE_MAX_LENGTH) ? undefined : 'text malformed';
}
