import { byId } from './elements.ts';

/** The person stays in the chat that there is. */
export class Stayed extends Error {
  constructor() {
    super('The person stays in the chat that there is');
    this.name = 'Stayed';
  }
}

/** Asks before somebody leaves a chat for another one, because Talker would wait in vain. */
export interface LeaveQuestion {
  /** Whether to go on; nobody is asked who has no chat to leave. */
  mayLeave(): Promise<boolean>;
}

/**
 * Finds the dialog on the page.
 *
 * @param isInChat whether somebody would be left waiting
 * @param onStay the person wants to go on in the chat that there is
 */
export function createLeaveQuestion(
  isInChat: () => Promise<boolean>,
  onStay: () => void,
): LeaveQuestion {
  const dialog = byId('leave-dialog', HTMLDialogElement);
  for (const id of ['leave-close', 'leave-stay']) {
    byId(id, HTMLButtonElement).addEventListener('click', () => {
      dialog.close(id);
    });
  }

  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      dialog.returnValue = '';
      dialog.addEventListener(
        'close',
        () => {
          resolve(dialog.returnValue);
        },
        { once: true },
      );
      dialog.showModal();
    });

  return {
    async mayLeave() {
      if (!(await isInChat())) return true;
      const answer = await ask();
      if (answer === 'leave-stay') onStay();
      return answer === 'leave-close';
    },
  };
}
