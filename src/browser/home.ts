import { systemClock } from '../chat/clock.ts';
import { hasWebCrypto, parseInvitation, type Invitation } from '../crypto/index.ts';
import { t } from '../messages/translate.ts';
import { refusals } from '../protocol.ts';
import type { ApiClient } from '../client/api/api-client.ts';
import { toFailure } from '../client/api/no-answer.ts';
import { createIndexedVault, sweepIndexedDb } from './keys/indexed-vault.ts';
import { keepKeys } from './keys/keep-keys.ts';
import { isHeld, unlessHeld } from './keys/vault-lock.ts';
import { createAdmission, type Admission, type Admitted } from './room/admission.ts';
import { describeCreateFailure, describeJoinFailure } from './room/words.ts';
import { createAttempts } from './session/attempts.ts';
import { carriedSession, goToChat } from './session/navigation.ts';
import { clearSession, loadSession, nameAmongTabs, type Session } from './session/session.ts';
import type { TabStorage } from './session/tab-storage.ts';
import { countEvent } from './view/analytics.ts';
import { createArrivalView, type ArrivalView } from './view/arrival-view.ts';
import { createBusyButton } from './view/busy-button.ts';
import { enableInstallation } from './view/installation.ts';
import { createJoinForm, type JoinForm } from './view/join-form.ts';
import { createLeaveQuestion, Stayed } from './view/leave-question.ts';
import { enableLanguageChoice } from './view/language-choice.ts';
import { byId, setText } from './view/elements.ts';
import { createPageApiClient, createPageStorage, reloadWhenRestored } from './view/page.ts';

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
      const absence = Number(byId('absence', HTMLSelectElement).value);
      const admitted = await admission.create(kind, absence);
      countEvent('create');
      begin(admitted);
    } catch (thrown) {
      if (!(thrown instanceof Stayed)) setText(error, describeCreateFailure(thrown));
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

/** Joins, and answers why it failed; empty when it did not. */
async function join(admission: Admission, invitation: Invitation): Promise<string> {
  const problem = problemOf(invitation);
  if (problem !== '') return problem;
  try {
    const admitted = await admission.join(invitation);
    countEvent('join');
    begin(admitted);
    return '';
  } catch (thrown) {
    return thrown instanceof Stayed ? '' : describeJoinFailure(thrown);
  }
}

/** Why an invitation cannot be used on this page; empty when it can. */
const problemOf = ({ kind }: Invitation): string =>
  kind === 'encrypted' && !hasWebCrypto() ? t('join.needsHttps') : '';

/** An invitation link fills the field and leaves the address bar; only pressing Join uses it. */
function takeInvitationFromAddress(form: JoinForm, arrival: ArrivalView): void {
  const fragment = location.hash.slice(1);
  if (fragment === 'create') byId('create', HTMLButtonElement).focus();
  if (fragment === '' || document.getElementById(fragment)) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  const invitation = parseInvitation(fragment);
  if (!invitation) {
    form.refuse(t('join.damaged'));
    return;
  }
  form.show(invitation);
  arrival.show(invitation, problemOf(invitation));
}

/** After a reload in the middle of joining the code is there again, so that pressing Join goes on. */
function offerUnansweredCode(form: JoinForm, code: string | undefined): void {
  const invitation = parseInvitation(code ?? '');
  if (form.isEmpty() && invitation) form.show(invitation);
}

/** Deletes what the tab has of its chat; the keys only if no duplicate of the tab goes on with them. */
async function leaveChat(storage: TabStorage): Promise<void> {
  const vault = (loadSession(storage) ?? carriedSession())?.vault;
  clearSession(storage);
  if (vault === undefined) return;
  await unlessHeld(vault, () => createIndexedVault(vault).remove()).catch(() => undefined);
}

/** The chat of this tab, unless another tab goes on with it. */
async function chatToLeave(storage: TabStorage): Promise<Session | undefined> {
  const session = loadSession(storage) ?? carriedSession();
  return session && !(await isHeld(nameAmongTabs(session))) ? session : undefined;
}

/** Who goes into another chat has agreed that the old one is closed: Talker must not wait in vain. */
async function closeAndLeave(api: ApiClient, storage: TabStorage): Promise<void> {
  const session = await chatToLeave(storage);
  if (session) await api.close(session).catch(() => undefined);
  await leaveChat(storage);
}

/** Nobody creates or joins over the head of a talker who would wait. */
function askBeforeLeaving(admission: Admission, storage: TabStorage): Admission {
  const question = createLeaveQuestion(
    async () => (await chatToLeave(storage)) !== undefined,
    () => {
      location.assign('/chat');
    },
  );
  const unlessStaying = async (enter: () => Promise<Admitted>): Promise<Admitted> => {
    if (!(await question.mayLeave())) throw new Stayed();
    return enter();
  };
  return {
    create: (kind, absence) => unlessStaying(() => admission.create(kind, absence)),
    join: (invitation) => unlessStaying(() => admission.join(invitation)),
  };
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
const entrance = createAdmission({
  api,
  storage,
  attempts,
  clock: systemClock,
  keepKeys,
  leave: () => closeAndLeave(api, storage),
});
const admission = askBeforeLeaving(entrance, storage);
offerCreate(admission);
const joinWith = (invitation: Invitation): Promise<string> => join(admission, invitation);
const form = createJoinForm(joinWith);
const arrival = createArrivalView(joinWith, form.focus);
takeInvitationFromAddress(form, arrival);
offerUnansweredCode(form, attempts.unansweredCode());
window.addEventListener('hashchange', () => {
  takeInvitationFromAddress(form, arrival);
});
// The page comes again in another language, with the invitation that it has.
enableLanguageChoice(() => {
  if (byId('arrival', HTMLElement).hidden) return;
  history.replaceState(history.state, '', `#${form.code()}`);
});
reloadWhenRestored();
enableInstallation();
void offerReturn(api, storage);
if (hasWebCrypto()) void sweepIndexedDb(systemClock.now()).catch(() => undefined);
