import { t } from '../../messages/translate.ts';
import type { Security } from '../room/security.ts';
import { byId, setText } from './elements.ts';

export interface SecurityActions {
  setCompared: () => Promise<void>;
  exchangeAnew: () => Promise<void>;
  dismissWarnings: () => void;
}

/** The one of five things that the header says about the encryption, and what a press on it shows. */
export interface SecurityView {
  set: (security: Security) => void;
  /** The chat is over, or this tab does not have it. */
  setShown: (shown: boolean) => void;
}

/**
 * Finds the button and the dialog on the page.
 *
 * @param onDiffer the words differ: asks once whether to close the chat.
 */
export function createSecurityView(actions: SecurityActions, onDiffer: () => void): SecurityView {
  const button = byId('security', HTMLButtonElement);
  const status = byId('security-status', HTMLParagraphElement);
  const dialog = byId('security-dialog', HTMLDialogElement);
  const banner = byId('plain-banner', HTMLParagraphElement);
  let current: Security | undefined;

  /** What stood there when the person looked away has been read. */
  let read: readonly string[] = [];

  const close = (): void => {
    dialog.close();
  };

  button.addEventListener('click', () => {
    if (!current) return;
    read = current.warnings;
    fillDialog(current);
    dialog.showModal();
  });
  dialog.addEventListener('close', () => {
    const isRead = current?.warnings.every((warning) => read.includes(warning));
    if (read.length > 0 && isRead && !current?.failed) actions.dismissWarnings();
    read = [];
  });
  byId('security-close', HTMLButtonElement).addEventListener('click', close);
  byId('words-match', HTMLButtonElement).addEventListener('click', () => {
    void actions.setCompared().then(close);
  });
  byId('words-differ', HTMLButtonElement).addEventListener('click', () => {
    close();
    onDiffer();
  });
  byId('exchange-anew', HTMLButtonElement).addEventListener('click', () => {
    void actions.exchangeAnew().then(close);
  });

  return {
    set(security) {
      const { kind } = security;
      if (!current) button.hidden = false;
      else if (current.kind !== kind) setText(status, t(`security.${kind}`));
      // Words of other keys than the ones that are being compared must not be taken for them.
      if (dialog.open && current && current.words?.join() !== security.words?.join()) close();
      current = security;
      button.dataset['kind'] = kind;
      setText(button, t(`security.${kind}`));
      banner.hidden = kind !== 'plain';
      if (dialog.open) fillDialog(security);
    },
    setShown(shown) {
      button.hidden = !shown;
      if (!shown) close();
    },
  };
}

function fillDialog(security: Security): void {
  const { kind, words, compared, warnings, failed, canRetry } = security;
  setText(byId('security-heading', HTMLHeadingElement), t(`security.${kind}`));
  setText(
    byId('security-meaning', HTMLParagraphElement),
    t(failed ? 'security.noKeys' : `security.${kind}Means`),
  );
  const list = byId('security-warnings', HTMLUListElement);
  list.hidden = warnings.length === 0;
  list.replaceChildren(...warnings.map(listItem));
  byId('security-words', HTMLDivElement).hidden = words === undefined;
  byId('words-match', HTMLButtonElement).hidden = words === undefined || compared;
  byId('words-differ', HTMLButtonElement).hidden = words === undefined;
  byId('exchange-anew', HTMLButtonElement).hidden = !canRetry;
  void showWords(words);
}

/** The list of words is heavier than the rest of the encryption; it is fetched when somebody looks. */
async function showWords(numbers: Security['words']): Promise<void> {
  const list = byId('words', HTMLOListElement);
  const wanted = numbers?.join() ?? '';
  if (list.dataset['numbers'] === wanted) return;
  list.dataset['numbers'] = wanted;
  list.replaceChildren();
  if (!numbers) return;
  const words = await loadWords(numbers);
  // Other keys may have come meanwhile.
  if (list.dataset['numbers'] !== wanted) return;
  if (!words) list.dataset['numbers'] = '';
  list.replaceChildren(...(words ?? [t('security.noWords')]).map(listItem));
}

/** Undefined when the list cannot be fetched: no connection, or a server with a newer page. */
async function loadWords(
  numbers: NonNullable<Security['words']>,
): Promise<readonly string[] | undefined> {
  try {
    const { verificationWords } = await import('../../crypto/words.ts');
    return verificationWords(numbers);
  } catch {
    return undefined;
  }
}

function listItem(text: string): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}
