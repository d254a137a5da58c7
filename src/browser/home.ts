import { systemClock } from '../chat/clock.ts';
import { formatCode, hasWebCrypto, parseInvitation, type Invitation } from '../crypto/index.ts';
import { t } from '../messages/translate.ts';
import { refusals } from '../protocol.ts';
import type { ApiClient } from '../client/api/api-client.ts';
import { toFailure } from '../client/api/no-answer.ts';
import { createIndexedVault, sweepIndexedDb } from './keys/indexed-vault.ts';
import { keepKeys } from './keys/keep-keys.ts';
import { unlessHeld } from './keys/vault-lock.ts';
import { createAdmission, type Admission, type Admitted } from './room/admission.ts';
import { describeCreateFailure, describeJoinFailure } from './room/words.ts';
import { createAttempts } from './session/attempts.ts';
import { carriedSession, goToChat } from './session/navigation.ts';
import { clearSession, loadSession } from './session/session.ts';
import type { TabStorage } from './session/tab-storage.ts';
import { createBusyButton } from './view/busy-button.ts';
import { enableLanguageChoice } from './view/language-choice.ts';
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

function enableCreate(admission: Admission, id: string, kind: Invitation['kind']): void {
  const button = byId(id, HTMLButtonElement);
  const error = byId('create-error', HTMLParagraphElement);
  const busy = createBusyButton(button, t('create.busy'));

  const create = async (): Promise<void> => {
    setText(error, '');
    try {
      begin(await admission.create(kind));
    } catch (thrown) {
      setText(error, describeCreateFailure(thrown));
    }
  };

  button.addEventListener('click', () => void busy.run(create));
}

/** Without WebCrypto there are only plain chats, and the page says why. */
function offerCreate(admission: Admission): void {
  enableCreate(admission, 'create-plain', 'plain');
  if (hasWebCrypto()) {
    enableCreate(admission, 'create', 'encrypted');
    return;
  }
  byId('insecure', HTMLElement).hidden = false;
  document.body.classList.add('no-encryption');
  byId('create', HTMLButtonElement).hidden = true;
  byId('other-clients', HTMLDetailsElement).open = true;
}

function enableJoin(admission: Admission): void {
  const field = byId('code', HTMLInputElement);
  const error = byId('join-error', HTMLParagraphElement);
  const busy = createBusyButton(byId('join', HTMLButtonElement), t('join.busy'));

  const showError = (text: string): void => {
    setText(error, text);
    field.setAttribute('aria-invalid', String(text !== ''));
    if (text !== '') field.focus();
  };

  const join = async (): Promise<void> => {
    showError('');
    const invitation = parseInvitation(field.value);
    if (invitation === undefined) {
      showError(t('join.invalid'));
      return;
    }
    if (invitation.kind === 'encrypted' && !hasWebCrypto()) {
      showError(t('join.needsHttps'));
      return;
    }
    try {
      begin(await admission.join(invitation));
    } catch (thrown) {
      showError(describeJoinFailure(thrown));
    }
  };

  byId('join-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void busy.run(join);
  });
}

/** As it was shown to the one who handed it over. */
function showCode(typed: string): void {
  const invitation = parseInvitation(typed);
  const { kind, code } = invitation ?? { code: typed };
  byId('code', HTMLInputElement).value = kind === 'encrypted' ? formatCode(code) : code;
}

/** An invitation link fills the field and leaves the address bar; only pressing Join uses it. */
function takeInvitationFromAddress(): void {
  const fragment = location.hash.slice(1);
  if (fragment === '' || document.getElementById(fragment)) return;
  showCode(fragment);
  history.replaceState(history.state, '', location.pathname + location.search);
  byId('join', HTMLButtonElement).focus();
}

/** After a reload in the middle of joining the code is there again, so that pressing Join goes on. */
function offerUnansweredCode(code: string | undefined): void {
  if (byId('code', HTMLInputElement).value === '' && code !== undefined) showCode(code);
}

/** Deletes what the tab has of its chat; the keys only if no duplicate of the tab goes on with them. */
async function leaveChat(storage: TabStorage): Promise<void> {
  const vault = (loadSession(storage) ?? carriedSession())?.vault;
  clearSession(storage);
  if (vault === undefined) return;
  await unlessHeld(vault, () => createIndexedVault(vault).remove()).catch(() => undefined);
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
  await leaveChat(storage);
  section.hidden = true;
}

const api = createPageApiClient();
const storage = createPageStorage();
const attempts = createAttempts(storage);
const admission = createAdmission({
  api,
  storage,
  attempts,
  clock: systemClock,
  keepKeys,
  leave: () => leaveChat(storage),
});
offerCreate(admission);
enableJoin(admission);
takeInvitationFromAddress();
offerUnansweredCode(attempts.unansweredCode());
window.addEventListener('hashchange', takeInvitationFromAddress);
enableLanguageChoice();
reloadWhenRestored();
void offerReturn(api, storage);
if (hasWebCrypto()) void sweepIndexedDb(systemClock.now()).catch(() => undefined);
