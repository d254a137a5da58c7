import { systemClock } from '../chat/clock.ts';
import { refusals } from '../protocol.ts';
import type { ApiClient } from './api/api-client.ts';
import { toFailure } from './api/no-answer.ts';
import { createAdmission, type Admission, type Admitted } from './room/admission.ts';
import { describeCreateFailure, describeJoinFailure, INVALID_CODE } from './room/words.ts';
import { createAttempts } from './session/attempts.ts';
import { parseInvitation } from './session/invitation.ts';
import { carriedSession, goToChat } from './session/navigation.ts';
import { clearSession, loadSession } from './session/session.ts';
import type { TabStorage } from './session/tab-storage.ts';
import { createBusyButton } from './view/busy-button.ts';
import {
  byId,
  createPageApiClient,
  createPageStorage,
  reloadWhenRestored,
  setText,
} from './view/page.ts';

/** Entry of the home page. */

const begin = ({ session, kept }: Admitted): void => {
  goToChat(session, kept);
};

function enableCreate(admission: Admission): void {
  const button = byId('create', HTMLButtonElement);
  const error = byId('create-error', HTMLParagraphElement);
  const busy = createBusyButton(button, 'Creating…');

  const create = async (): Promise<void> => {
    setText(error, '');
    try {
      begin(await admission.create());
    } catch (thrown) {
      setText(error, describeCreateFailure(toFailure(thrown)));
    }
  };

  button.addEventListener('click', () => void busy.run(create));
}

function enableJoin(admission: Admission): void {
  const field = byId('code', HTMLInputElement);
  const error = byId('join-error', HTMLParagraphElement);
  const busy = createBusyButton(byId('join', HTMLButtonElement), 'Joining…');

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
      begin(await admission.join(code));
    } catch (thrown) {
      showError(describeJoinFailure(toFailure(thrown)));
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

/** After a reload in the middle of joining the code is there again, so that pressing Join goes on. */
function offerUnansweredCode(code: string | undefined): void {
  const field = byId('code', HTMLInputElement);
  if (field.value === '') field.value = code ?? '';
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
    if (toFailure(thrown).code !== refusals.unauthorized.code) return;
  }
  clearSession(storage);
  section.hidden = true;
}

const api = createPageApiClient();
const storage = createPageStorage();
const attempts = createAttempts(storage);
const admission = createAdmission({ api, storage, attempts, clock: systemClock });
enableCreate(admission);
enableJoin(admission);
takeInvitationFromAddress();
offerUnansweredCode(attempts.unansweredCode());
window.addEventListener('hashchange', takeInvitationFromAddress);
reloadWhenRestored();
void offerReturn(api, storage);
