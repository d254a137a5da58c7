import type { Invitation } from '../../crypto/index.ts';
import { t } from '../../messages/translate.ts';
import { createBusyButton } from './busy-button.ts';
import { byId, setText } from './elements.ts';

/** What somebody sees who opened an invitation link. */
export interface ArrivalView {
  /** `problem`: why this invitation cannot be used here; empty when it can. */
  show(invitation: Invitation, problem: string): void;
}

/**
 * Finds the section on the page. Nothing is joined before the button is pressed.
 *
 * @param join resolves with the sentence that says why it failed; empty when it did not
 * @param onDecline the person wants the home page instead
 */
export function createArrivalView(
  join: (invitation: Invitation) => Promise<string>,
  onDecline: () => void,
): ArrivalView {
  const error = byId('arrival-error', HTMLParagraphElement);
  const button = byId('arrival-join', HTMLButtonElement);
  const busy = createBusyButton(button, t('join.busy'));
  let arrived: Invitation | undefined;

  const setShown = (shown: boolean): void => {
    byId('arrival', HTMLElement).hidden = !shown;
    document.body.classList.toggle('is-arrival', shown);
  };

  button.addEventListener('click', () => {
    void busy.run(async () => {
      setText(error, '');
      if (arrived) setText(error, await join(arrived));
    });
  });
  byId('arrival-decline', HTMLButtonElement).addEventListener('click', () => {
    setShown(false);
    onDecline();
  });

  return {
    show(invitation, problem) {
      arrived = invitation;
      const isPlain = invitation.kind === 'plain';
      byId('arrival-plain', HTMLParagraphElement).hidden = !isPlain;
      byId('arrival-encrypted', HTMLLIElement).hidden = isPlain;
      setShown(true);
      setText(error, problem);
      byId(problem === '' ? 'arrival-join' : 'arrival-decline', HTMLButtonElement).focus();
    },
  };
}
