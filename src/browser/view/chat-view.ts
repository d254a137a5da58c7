import { t } from '../../messages/translate.ts';
import type { Status } from '../../protocol.ts';
import type { ChatRoom } from '../room/chat-room.ts';
import type { ChatView } from '../room/chat-view.ts';
import { isOpen } from '../room/security.ts';
import type { Draft } from '../session/draft.ts';
import type { PreferenceKeeper } from '../session/preferences.ts';
import type { Session } from '../session/session.ts';
import { createAttention } from './attention.ts';
import { ATTENTION_TEXTS } from './attention-words.ts';
import { createCloseDialog } from './close-dialog.ts';
import { createComposerView } from './composer-view.ts';
import { createConnectionView } from './connection-view.ts';
import { showRemains } from './closing-view.ts';
import { createExpiryView } from './expiry-view.ts';
import { keepFocus } from './focus-keeper.ts';
import { createInvitationView } from './invitation-view.ts';
import { createLeaveWarning } from './leave-warning.ts';
import { createLogView } from './log-view.ts';
import { createNoticeView } from './notice-view.ts';
import { createOptionsView } from './options-view.ts';
import { byId } from './elements.ts';
import { createSecurityView } from './security-view.ts';
import { createTalkerView } from './talker-view.ts';

/** What the person on the page can do. */
export type ChatActions = Pick<
  ChatRoom,
  | 'send'
  | 'typed'
  | 'typingChanged'
  | 'close'
  | 'unsent'
  | 'retryNow'
  | 'repeat'
  | 'exchangeAnew'
  | 'setCompared'
  | 'dismissWarnings'
> & {
  readonly useHere: () => void;
};

/** What the page keeps for the person besides the conversation. */
export interface KeptForPerson {
  readonly draft: Draft;
  readonly preferences: PreferenceKeeper;
}

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
  { draft, preferences }: KeptForPerson,
): ChatView {
  const focus = keepFocus([
    byId('message', HTMLTextAreaElement),
    byId('notice-text', HTMLParagraphElement),
    byId('scroller', HTMLDivElement),
  ]);
  const log = createLogView(actions.repeat);
  const composer = createComposerView({
    encrypted: session.encrypted,
    onSend: actions.send,
    onText(text) {
      draft.keep(text);
      actions.typed(text);
      warnIfLost();
    },
  });
  const connection = createConnectionView(actions.retryNow);
  const invitation = createInvitationView(code ?? '');
  const closeDialog = createCloseDialog(actions);
  const security = createSecurityView(actions, closeDialog.askBecauseOfWords);
  const options = createOptionsView(preferences, (name) => {
    if (name === 'typing') actions.typingChanged();
  });
  const notice = createNoticeView(actions.useHere);
  const talker = createTalkerView();
  const attention = createAttention({ preferences: preferences.now, texts: ATTENTION_TEXTS });
  const setLeaveWarning = createLeaveWarning();
  let status: Status | undefined;
  let unsent = 0;
  const expiry = createExpiryView();

  const warnIfLost = (): void => {
    setLeaveWarning(unsent > 0 || !draft.isKept());
  };

  const setTakingPart = (takingPart: boolean): void => {
    composer.set({ isEnabled: takingPart });
    byId('close', HTMLButtonElement).hidden = !takingPart;
    byId('options', HTMLButtonElement).hidden = !takingPart;
    connection.setShown(takingPart);
    security.setShown(takingPart);
    if (takingPart) return;
    closeDialog.dismiss();
    options.dismiss();
  };

  composer.restore(draft.read());

  return {
    restore: log.restore,
    add(entries) {
      log.add(entries);
      const count = entries.filter(({ author }) => author === 'talker').length;
      if (count > 0) attention.call('message', count);
    },
    setDelivery: log.setDelivery,
    setStatus(changed) {
      const hasJoined = status === 'draft' && changed === 'ready';
      // Who just came wants to write, as soon as that is possible.
      const hasCome = status === undefined && changed === 'ready';
      status = changed;
      composer.set({ status });
      invitation.setShown(status === 'draft' && code !== undefined);
      if (hasJoined) attention.call('joined');
      if (hasJoined || hasCome) focus.claim();
    },
    setConnection: connection.set,
    setTalker: talker.set,
    setUnsent(count) {
      unsent = count;
      warnIfLost();
    },
    setExpiry: expiry.set,
    setSecurity(changed) {
      security.set(changed);
      composer.set({ isOpen: isOpen(changed) });
    },
    showSuperseded() {
      setTakingPart(false);
      talker.say(t('presence.elsewhere'));
      notice.showSuperseded();
    },
    hideSuperseded() {
      setTakingPart(true);
      notice.hide();
    },
    showEnd(text) {
      setTakingPart(false);
      composer.finish();
      talker.say(t('presence.over'));
      expiry.stop();
      showRemains();
      attention.call('closed');
      notice.showEnd(text, composer.text() !== '');
    },
  };
}
