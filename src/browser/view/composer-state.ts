import { t } from '../../messages/translate.ts';
import { codePoints, isBlank, type Status } from '../../protocol.ts';
import { countParts, MOST_PARTS } from '../../client/connection/split-text.ts';

/** What the message field shows, derived from its text and the state of the chat. */
export interface ComposerState {
  readonly canSend: boolean;
  /** How much is left near the limit, or as how many messages it goes out; empty far from it. */
  readonly length: string;
  /** Longer than can be sent at once. */
  readonly over: boolean;
  /** Why sending is not possible; empty when it is, or when there is simply no text. */
  readonly reason: string;
}

// From here on it is worth saying how much is left.
const NEAR = 20;

/** Derives what the message field shows. `isOpen`: no keys are needed, or they are confirmed. */
export function composerState(
  text: string,
  max: number,
  status: Status,
  isOpen: boolean,
): ComposerState {
  const remaining = max - codePoints(text);
  const parts = remaining < 0 ? countParts(text, max, MOST_PARTS) : 1;
  const over = parts > MOST_PARTS;
  return {
    canSend: status === 'ready' && isOpen && !over && !isBlank(text),
    length: over ? tooLong(max) : describeLength(remaining, parts),
    over,
    reason: reasonOf(status, isOpen),
  };
}

const tooLong = (max: number): string => t('composer.tooLong', { count: MOST_PARTS * max });

function describeLength(remaining: number, parts: number): string {
  if (remaining < 0) return parts === 1 ? '' : t('composer.parts', { count: parts });
  return remaining > NEAR ? '' : t('composer.left', { count: remaining });
}

function reasonOf(status: Status, isOpen: boolean): string {
  switch (status) {
    case 'draft':
      return t('composer.draft');
    case 'closed':
      return t('composer.closed');
    case 'ready':
      return isOpen ? '' : t('composer.noKeys');
  }
}
