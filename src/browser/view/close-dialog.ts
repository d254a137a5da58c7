import { toFailure } from '../../client/api/no-answer.ts';
import { t } from '../../messages/translate.ts';
import { describeFailure } from '../room/words.ts';
import { byId, setText } from './elements.ts';

export interface CloseDialogOptions {
  unsent: () => number;
  close: () => Promise<void>;
}

/** Asks once before the chat is closed for both. */
export interface CloseDialog {
  /** Asks because the words differ. */
  askBecauseOfWords: () => void;
  dismiss(): void;
}

/** Finds the dialog on the page. */
export function createCloseDialog(options: CloseDialogOptions): CloseDialog {
  const dialog = byId('close-dialog', HTMLDialogElement);
  const confirm = byId('close-confirm', HTMLButtonElement);
  const unsent = byId('close-unsent', HTMLParagraphElement);
  const error = byId('close-error', HTMLParagraphElement);
  const reason = byId('close-reason', HTMLParagraphElement);
  let closing = false;

  const setClosing = (changed: boolean): void => {
    closing = changed;
    confirm.setAttribute('aria-busy', String(changed));
    setText(confirm, t(changed ? 'close.busy' : 'close.confirm'));
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

  const ask = (wordsDiffer: boolean): void => {
    reason.hidden = !wordsDiffer;
    setText(unsent, describeUnsent(options.unsent()));
    setText(error, '');
    dialog.showModal();
  };

  byId('close', HTMLButtonElement).addEventListener('click', () => {
    ask(false);
  });
  byId('close-cancel', HTMLButtonElement).addEventListener('click', () => {
    dialog.close();
  });
  confirm.addEventListener('click', () => void closeChat());

  return {
    askBecauseOfWords() {
      ask(true);
    },
    dismiss() {
      dialog.close();
    },
  };
}

function describeUnsent(count: number): string {
  if (count === 0) return '';
  return t('close.unsent', { count });
}
