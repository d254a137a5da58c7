import { t } from '../../messages/translate.ts';
import type { Status } from '../../protocol.ts';
import type { ChatRoom, ChatView } from '../room/chat-room.ts';
import { isOpen } from '../room/security.ts';
import type { Session } from '../session/session.ts';
import { createCloseDialog } from './close-dialog.ts';
import { createComposerView } from './composer-view.ts';
import { createConnectionView } from './connection-view.ts';
import { createInvitationView } from './invitation-view.ts';
import { createLogView } from './log-view.ts';
import { createNoticeView } from './notice-view.ts';
import { byId, setText } from './page.ts';
import { createSecurityView } from './security-view.ts';
import { createUnreadTitle } from './unread-title.ts';

/** What the person on the page can do. */
export type ChatActions = Pick<
  ChatRoom,
  | 'send'
  | 'close'
  | 'unsent'
  | 'useHere'
  | 'retryNow'
  | 'repeat'
  | 'exchangeAnew'
  | 'setCompared'
  | 'dismissWarnings'
>;

/**
 * Puts the parts of the chat page together.
 *
 * @param code the invitation code, as long as it may be needed.
 */
// eslint-disable-next-line max-lines-per-function -- the wiring reads best in one place
export function createChatView(
  session: Session,
  code: string | undefined,
  actions: ChatActions,
): ChatView {
  const log = createLogView(actions.repeat);
  const composer = createComposerView(actions.send, session.encrypted);
  const connection = createConnectionView(actions.retryNow);
  const invitation = createInvitationView(code ?? '');
  const closeDialog = createCloseDialog(actions);
  const security = createSecurityView(actions, closeDialog.askBecauseOfWords);
  const notice = createNoticeView(actions.useHere);
  const title = createUnreadTitle();

  const setStatus = (status: Status): void => {
    composer.set({ status });
    log.keepAtEnd(() => {
      invitation.setShown(status === 'draft' && code !== undefined);
    });
  };

  const setTakingPart = (takingPart: boolean): void => {
    composer.set({ isEnabled: takingPart });
    byId('close', HTMLButtonElement).hidden = !takingPart;
    connection.setShown(takingPart);
    security.setShown(takingPart);
    if (!takingPart) closeDialog.dismiss();
  };

  return {
    restore: log.restore,
    add(entry) {
      log.add(entry);
      if (entry.author === 'talker') title.arrived();
    },
    setDelivery: log.setDelivery,
    setStatus,
    setConnection: connection.set,
    setSendTrouble(trouble) {
      composer.set({ trouble });
    },
    setPresence,
    setExpiry,
    setSecurity(changed) {
      security.set(changed);
      composer.set({ isOpen: isOpen(changed) });
    },
    showSuperseded() {
      setTakingPart(false);
      setPresence(t('presence.elsewhere'));
      notice.showSuperseded();
    },
    hideSuperseded() {
      setTakingPart(true);
      notice.hide();
    },
    showEnd(text) {
      setTakingPart(false);
      composer.finish();
      setPresence(t('presence.over'));
      setExpiry('');
      notice.showEnd(text);
    },
  };
}

const setPresence = (text: string): void => {
  setText(byId('presence', HTMLParagraphElement), text);
};

const setExpiry = (text: string): void => {
  setText(byId('expires', HTMLParagraphElement), text);
};
