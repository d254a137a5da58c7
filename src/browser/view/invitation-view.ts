import { formatCode, invitationLink, parseInvitation } from '../../crypto/index.ts';
import { t } from '../../messages/translate.ts';
import { byId, setText } from './elements.ts';
import { createQrView } from './qr-view.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Fills in the invitation and makes its buttons work. */
export function createInvitationView(code: string): { setShown(shown: boolean): void } {
  const section = byId('invitation', HTMLElement);
  const codeField = byId('invitation-code', HTMLTextAreaElement);
  const linkField = byId('invitation-link', HTMLInputElement);
  const status = byId('copy-status', HTMLParagraphElement);

  // Other clients may want the code of a plain chat as it is.
  codeField.value = parseInvitation(code)?.kind === 'encrypted' ? formatCode(code) : code;
  const link = invitationLink(location.origin, code);
  linkField.value = link;

  const say = (text: string): void => {
    setText(status, text);
  };

  const copy = async (field: Field, name: 'code' | 'link'): Promise<void> => {
    try {
      await navigator.clipboard.writeText(field.value);
      say(t(`copy.${name}Done`));
    } catch {
      // No clipboard without https, or the browser refuses it: leave the last step to the person.
      field.focus();
      field.select();
      say(t(`copy.${name}Selected`));
    }
  };

  onClick('copy-code', () => copy(codeField, 'code'));
  onClick('copy-link', () => copy(linkField, 'link'));
  for (const field of [codeField, linkField]) {
    field.addEventListener('focus', () => {
      field.select();
    });
  }
  enableShare(link, say);
  createQrView(link, say);

  return {
    setShown(shown) {
      section.hidden = !shown;
    },
  };
}

const onClick = (id: string, action: () => Promise<void>): void => {
  byId(id, HTMLButtonElement).addEventListener('click', () => void action());
};

/** The share sheet of the system, where it has one. */
function enableShare(link: string, say: (text: string) => void): void {
  const invitation = { title: t('share.title'), text: t('share.text'), url: link };
  // Not every browser has either of the two, whatever the types say.
  const { canShare } = navigator as Partial<Pick<Navigator, 'canShare'>>;
  if (canShare?.call(navigator, invitation) !== true) return;
  byId('share', HTMLButtonElement).hidden = false;
  onClick('share', async () => {
    try {
      await navigator.share(invitation);
    } catch (thrown) {
      // Somebody who changes their mind needs no sentence about it.
      const isCancelled = thrown instanceof DOMException && thrown.name === 'AbortError';
      if (!isCancelled) say(t('share.failed'));
    }
  });
}
