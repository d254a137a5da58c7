import { formatCode, invitationLink, parseInvitation } from '../../crypto/index.ts';
import { t } from '../../messages/translate.ts';
import { byId, setText } from './page.ts';

/** Fills in the invitation and makes its copy buttons work. */
export function createInvitationView(code: string): { setShown(shown: boolean): void } {
  const section = byId('invitation', HTMLElement);
  const codeField = byId('invitation-code', HTMLInputElement);
  const linkField = byId('invitation-link', HTMLInputElement);
  const status = byId('copy-status', HTMLParagraphElement);

  // Other clients may want the code of a plain chat as it is.
  codeField.value = parseInvitation(code)?.kind === 'encrypted' ? formatCode(code) : code;
  linkField.value = invitationLink(location.origin, code);

  const copy = async (field: HTMLInputElement, name: 'code' | 'link'): Promise<void> => {
    try {
      await navigator.clipboard.writeText(field.value);
      setText(status, t(`copy.${name}Done`));
    } catch {
      // No clipboard without https, or the browser refuses it: leave the last step to the person.
      field.focus();
      field.select();
      setText(status, t(`copy.${name}Selected`));
    }
  };

  byId('copy-code', HTMLButtonElement).addEventListener(
    'click',
    () => void copy(codeField, 'code'),
  );
  byId('copy-link', HTMLButtonElement).addEventListener(
    'click',
    () => void copy(linkField, 'link'),
  );
  for (const field of [codeField, linkField]) {
    field.addEventListener('focus', () => {
      field.select();
    });
  }

  return {
    setShown(shown) {
      section.hidden = !shown;
    },
  };
}
