import { findInvitations, formatCode, type Invitation } from '../../crypto/index.ts';
import { t } from '../../messages/translate.ts';
import { createBusyButton } from './busy-button.ts';
import { byId, setText } from './elements.ts';

/** The form into which a code is typed or pasted. */
export interface JoinForm {
  show(invitation: Invitation): void;
  isEmpty(): boolean;
  /** What is in the field. */
  code(): string;
  /** Says why there is no invitation. */
  refuse: (reason: string) => void;
  focus: () => void;
}

/** A code as it was shown to the one who handed it over. */
const shownCode = ({ kind, code }: Invitation): string =>
  kind === 'encrypted' ? formatCode(code) : code;

function createChoice(
  invitation: Invitation,
  choose: (invitation: Invitation) => void,
): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button code';
  button.textContent = shownCode(invitation);
  button.addEventListener('click', () => {
    choose(invitation);
    byId('join', HTMLButtonElement).focus();
  });
  return button;
}

/**
 * Finds the form on the page.
 *
 * @param join resolves with the sentence that says why it failed; empty when it did not
 */
export function createJoinForm(join: (invitation: Invitation) => Promise<string>): JoinForm {
  const field = byId('code', HTMLInputElement);
  const error = byId('join-error', HTMLParagraphElement);
  const which = byId('which', HTMLDivElement);
  const busy = createBusyButton(byId('join', HTMLButtonElement), t('join.busy'));

  /** What went wrong and, if there is room for one alone, rather the field to mend it in. */
  const bringIntoView = (): void => {
    which.scrollIntoView({ block: 'nearest' });
    error.scrollIntoView({ block: 'nearest' });
    field.scrollIntoView({ block: 'nearest' });
    field.focus({ preventScroll: true });
  };

  const showError = (text: string): void => {
    which.hidden = true;
    which.removeAttribute('aria-labelledby');
    setText(error, text);
    field.setAttribute('aria-invalid', String(text !== ''));
    if (text !== '') bringIntoView();
  };

  const show = (invitation: Invitation): void => {
    field.value = shownCode(invitation);
    showError('');
  };

  const ask = (invitations: readonly Invitation[]): void => {
    showError(t('join.several'));
    which.replaceChildren(...invitations.map((invitation) => createChoice(invitation, show)));
    which.setAttribute('aria-labelledby', 'join-error');
    which.hidden = false;
    bringIntoView();
  };

  /** Runs the action with the one invitation in a text; otherwise says what is wrong with it. */
  const withOne = (text: string, action: (invitation: Invitation) => void): void => {
    const [invitation, ...others] = findInvitations(text);
    if (!invitation) showError(t('join.invalid'));
    else if (others.length > 0) ask([invitation, ...others]);
    else action(invitation);
  };

  field.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    // The field would join the lines of a message to one. What has no code is left as it is.
    if (field.value !== '' || findInvitations(text).length === 0) return;
    event.preventDefault();
    withOne(text, show);
  });
  byId('join-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    showError('');
    withOne(field.value, (invitation) => {
      void busy.run(async () => {
        showError(await join(invitation));
      });
    });
  });

  return {
    show,
    isEmpty: () => field.value === '',
    code: () => field.value.replaceAll(' ', ''),
    refuse: showError,
    focus() {
      field.focus();
    },
  };
}
