import type { Status } from '../../protocol.ts';
import type { ChatRoom, ChatView } from '../room/chat-room.ts';
import type { Session } from '../session/session.ts';
import { createCloseDialog } from './close-dialog.ts';
import { createComposerView } from './composer-view.ts';
import { createConnectionView } from './connection-view.ts';
import { createInvitationView } from './invitation-view.ts';
import { createLogView } from './log-view.ts';
import { createNoticeView } from './notice-view.ts';
import { byId, setText } from './page.ts';
import { createUnreadTitle } from './unread-title.ts';

/** What the person on the page can do. */
export type ChatActions = Pick<ChatRoom, 'send' | 'close' | 'unsent' | 'useHere' | 'retryNow'>;

/** Puts the parts of the chat page together. */
export function createChatView(session: Session, actions: ChatActions): ChatView {
  const log = createLogView();
  const composer = createComposerView(actions.send);
  const connection = createConnectionView(actions.retryNow);
  const invitation = createInvitationView(session.chatToken);
  const closeDialog = createCloseDialog(actions);
  const notice = createNoticeView(actions.useHere);
  const title = createUnreadTitle();
  const close = byId('close', HTMLButtonElement);

  const setStatus = (status: Status): void => {
    composer.setStatus(status);
    log.keepAtEnd(() => {
      invitation.setShown(status === 'draft' && session.role === 'creator');
    });
  };

  const setTakingPart = (takingPart: boolean): void => {
    composer.setEnabled(takingPart);
    close.hidden = !takingPart;
    connection.setShown(takingPart);
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
    setSendTrouble: composer.setTrouble,
    setPresence(text) {
      setText(byId('presence', HTMLParagraphElement), text);
    },
    setExpiry(text) {
      setText(byId('expires', HTMLParagraphElement), text);
    },
    showSuperseded() {
      setTakingPart(false);
      setText(byId('presence', HTMLParagraphElement), 'Open elsewhere');
      notice.showSuperseded();
    },
    hideSuperseded() {
      setTakingPart(true);
      notice.hide();
    },
    showEnd(text) {
      setTakingPart(false);
      composer.finish();
      setText(byId('presence', HTMLParagraphElement), 'The chat is over');
      setText(byId('expires', HTMLParagraphElement), '');
      notice.showEnd(text);
    },
  };
}
