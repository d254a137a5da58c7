import { t } from '../../messages/translate.ts';
import { codePoints, isBlank, type Status } from '../../protocol.ts';

/** What the message field shows, derived from its text and the state of the chat. */
export interface ComposerState {
  canSend: boolean;
  /** `12/140`: what remains, and the most there may be. */
  counter: string;
  over: boolean;
  /** Said aloud near the limit; empty far from it. */
  announcement: string;
  /** Why sending is not possible; empty when it is, or when there is simply no text. */
  reason: string;
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
  const over = remaining < 0;
  return {
    canSend: status === 'ready' && isOpen && !over && !isBlank(text),
    counter: `${remaining}/${max}`,
    over,
    announcement: remaining <= NEAR ? announce(remaining) : '',
    reason: reasonOf(status, isOpen),
  };
}

function announce(remaining: number): string {
  return t(remaining < 0 ? 'composer.over' : 'composer.left', { count: Math.abs(remaining) });
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
