import { toFailure } from '../api/no-answer.ts';
import { describeFailure } from '../room/words.ts';
import { byId, setText } from './page.ts';

export interface CloseDialogOptions {
  unsent: () => number;
  close: () => Promise<void>;
}

/** Asks once before the chat is closed for both. */
export function createCloseDialog(options: CloseDialogOptions): { dismiss(): void } {
  const dialog = byId('close-dialog', HTMLDialogElement);
  const confirm = byId('close-confirm', HTMLButtonElement);
  const unsent = byId('close-unsent', HTMLParagraphElement);
  const error = byId('close-error', HTMLParagraphElement);
  let closing = false;

  const setClosing = (changed: boolean): void => {
    closing = changed;
    confirm.setAttribute('aria-busy', String(changed));
    setText(confirm, changed ? 'Closing…' : 'Close chat');
  };

  const closeChat = async (): Promise<void> => {
    if (closing) return;
    setClosing(true);
    setText(error, '');
    try {
      await options.close();
      dialog.close();
    } catch (thrown) {
      setText(error, describeFailure(toFailure(thrown)));
    } finally {
      setClosing(false);
    }
  };

  byId('close', HTMLButtonElement).addEventListener('click', () => {
    setText(unsent, describeUnsent(options.unsent()));
    setText(error, '');
    dialog.showModal();
  });
  byId('close-cancel', HTMLButtonElement).addEventListener('click', () => {
    dialog.close();
  });
  confirm.addEventListener('click', () => void closeChat());

  return {
    dismiss() {
      dialog.close();
    },
  };
}

function describeUnsent(count: number): string {
  if (count === 0) return '';
  return count === 1
    ? 'One message has not been sent yet and would be lost.'
    : `${count} messages have not been sent yet and would be lost.`;
}
