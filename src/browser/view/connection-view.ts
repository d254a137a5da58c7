import { t } from '../../messages/translate.ts';
import type { Connection } from '../room/chat-view.ts';
import { byId, setText } from './elements.ts';

/** The line that says whether there is a connection. */
export interface ConnectionView {
  set: (connection: Connection) => void;
  /** Whether there is a connection to speak of. */
  setShown: (shown: boolean) => void;
}

/** Finds the state line on the page. */
export function createConnectionView(onTryNow: () => void): ConnectionView {
  const bar = byId('status-bar', HTMLDivElement);
  const line = byId('connection', HTMLParagraphElement);
  const tryNow = byId('try-now', HTMLButtonElement);
  const status = byId('connection-status', HTMLParagraphElement);
  let ticking: ReturnType<typeof setInterval> | undefined;
  let lost = false;

  tryNow.addEventListener('click', onTryNow);

  const showWaiting = (trouble: string, retryAt: number): void => {
    const show = (): void => {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1_000));
      setText(line, t('connection.retry', { trouble, seconds }));
    };
    show();
    ticking = setInterval(show, 1_000);
  };

  /** Spoken once per change for the worse or the better; the seconds are only for the eye. */
  const say = (connection: Connection): void => {
    if (connection.kind === 'waiting') setText(status, connection.trouble);
    else if (connection.kind === 'connected' && lost) setText(status, t('connection.again'));
    if (connection.kind !== 'connecting') lost = connection.kind === 'waiting';
  };

  return {
    set(connection) {
      clearInterval(ticking);
      line.dataset['kind'] = connection.kind;
      if (connection.kind === 'waiting') showWaiting(connection.trouble, connection.retryAt);
      else setText(line, t(`connection.${connection.kind}`));
      // It stays while trying, so that it does not vanish under the finger or take the focus along.
      tryNow.hidden =
        connection.kind === 'connected' || (connection.kind === 'connecting' && !lost);
      say(connection);
    },
    setShown(shown) {
      clearInterval(ticking);
      bar.hidden = !shown;
    },
  };
}
