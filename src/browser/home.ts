import type { ApiClient } from './api/api-client.ts';
import { NO_ANSWER, toFailure } from './api/no-answer.ts';
import { createBusyButton } from './view/busy-button.ts';
import { parseInvitation } from './session/invitation.ts';
import { carriedSession, goToChat } from './session/navigation.ts';
import {
  byId,
  createPageApiClient,
  createPageStorage,
  reloadWhenRestored,
  setText,
} from './view/page.ts';
import type { Membership } from './api/answers.ts';
import { clearSession, loadSession, startSession, type Session } from './session/session.ts';
import type { TabStorage } from './session/tab-storage.ts';
import { describeFailure, describeJoinFailure, INVALID_CODE } from './room/words.ts';

/** Entry of the home page. */

function begin(storage: TabStorage, membership: Membership, role: Session['role']): void {
  const { chatToken, userToken, status, expires } = membership;
  const session: Session = { chatToken, userToken, status, expires, role };
  goToChat(session, startSession(storage, session));
}

function enableCreate(api: ApiClient, storage: TabStorage): void {
  const button = byId('create', HTMLButtonElement);
  const error = byId('create-error', HTMLParagraphElement);
  const busy = createBusyButton(button, 'Creating…');

  const create = async (): Promise<void> => {
    setText(error, '');
    try {
      begin(storage, await api.create(), 'creator');
    } catch (thrown) {
      setText(error, describeFailure(toFailure(thrown)));
    }
  };

  button.addEventListener('click', () => void busy.run(create));
}

function enableJoin(api: ApiClient, storage: TabStorage): void {
  const field = byId('code', HTMLInputElement);
  const error = byId('join-error', HTMLParagraphElement);
  const busy = createBusyButton(byId('join', HTMLButtonElement), 'Joining…');
  const unanswered = new Set<string>();

  const showError = (text: string): void => {
    setText(error, text);
    field.setAttribute('aria-invalid', String(text !== ''));
    if (text !== '') field.focus();
  };

  const join = async (): Promise<void> => {
    showError('');
    const code = parseInvitation(field.value);
    if (code === undefined) {
      showError(INVALID_CODE);
      return;
    }
    try {
      begin(storage, await api.join(code), 'joiner');
    } catch (thrown) {
      const failure = toFailure(thrown);
      showError(describeJoinFailure(failure, unanswered.has(code)));
      if (failure.code === NO_ANSWER) unanswered.add(code);
    }
  };

  byId('join-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void busy.run(join);
  });
}

/** An invitation link fills the field and leaves the address bar; only pressing Join uses it. */
function takeInvitationFromAddress(): void {
  const fragment = location.hash.slice(1);
  if (fragment === '' || document.getElementById(fragment)) return;
  const field = byId('code', HTMLInputElement);
  field.value = parseInvitation(fragment) ?? fragment;
  history.replaceState(history.state, '', location.pathname + location.search);
  byId('join', HTMLButtonElement).focus();
}

/** Offers the way back to the chat of this tab, unless the server says that it is over. */
async function offerReturn(api: ApiClient, storage: TabStorage): Promise<void> {
  const session = loadSession(storage) ?? carriedSession();
  const section = byId('resume', HTMLElement);
  section.hidden = session === undefined;
  if (!session) return;
  try {
    const { status } = await api.state(session);
    if (status !== 'closed') return;
  } catch (thrown) {
    if (toFailure(thrown).code !== 401) return;
  }
  clearSession(storage);
  section.hidden = true;
}

const api = createPageApiClient();
const storage = createPageStorage();
enableCreate(api, storage);
enableJoin(api, storage);
takeInvitationFromAddress();
window.addEventListener('hashchange', takeInvitationFromAddress);
reloadWhenRestored();
void offerReturn(api, storage);
