import { Failure } from '../../chat/failures.ts';
import type { Membership } from '../../client/api/answers.ts';
import { toFailure } from '../../client/api/no-answer.ts';
import {
  admit,
  isRefusedForGood,
  kindOf,
  lifetimeMs,
  newChat,
  newJoin,
  type AdmissionOptions as AskingOptions,
  type Attempt,
} from '../../client/connection/admission.ts';
import type { Invitation } from '../../crypto/index.ts';
import { refusals } from '../../protocol.ts';
import type { Attempts } from '../session/attempts.ts';
import { startSession, type KeyPlace, type Role, type Session } from '../session/session.ts';
import type { TabStorage } from '../session/tab-storage.ts';

/** How somebody who was let in goes on. */
export interface Admitted {
  readonly session: Session;
  /** Whether the session survives leaving the page. */
  readonly kept: boolean;
}

/** The way into a chat. Both reject with a Failure, or with WrongKind. */
export interface Admission {
  /** `absenceCloseAfter`: seconds that one may be away before the chat is closed. */
  create(kind: Invitation['kind'], absenceCloseAfter?: number): Promise<Admitted>;
  join(invitation: Invitation): Promise<Admitted>;
}

export interface AdmissionOptions extends AskingOptions {
  storage: TabStorage;
  attempts: Attempts;
  /** Keeps the keys of an encrypted chat, and says where. */
  keepKeys: (chat: { role: Role; code: string; endsAt: number }) => Promise<KeyPlace>;
  /** The chat that was in this tab before is left. */
  leave: () => Promise<void>;
}

/** Creates the way into a chat. When the person tries again, or reloads, the same tokens are named again. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { storage, attempts, clock } = options;

  const ask = async (attempt: Attempt, absenceCloseAfter?: number): Promise<Membership> => {
    attempts.remember(attempt);
    try {
      return await admit(options, attempt, absenceCloseAfter);
    } catch (thrown) {
      if (isRefusedForGood(thrown)) attempts.forget(attempt);
      throw thrown;
    }
  };

  const enter = async ({ role, code }: Attempt, membership: Membership): Promise<Admitted> => {
    const endsAt = clock.now() + lifetimeMs(membership);
    const isEncrypted = kindOf(code) === 'encrypted';
    const place = isEncrypted ? await options.keepKeys({ role, code, endsAt }) : {};
    await options.leave();
    const session: Session = { ...membership, ...place, role, endsAt };
    const kept = startSession(storage, session);
    attempts.forgetAll();
    return { session, kept };
  };

  const createOnce: Admission['create'] = async (kind, absenceCloseAfter) => {
    const attempt = attempts.creating(kind) ?? (await newChat(kind));
    const membership = await ask(attempt, absenceCloseAfter);
    if (membership.status !== 'closed') return enter(attempt, membership);
    // Made by a try of long ago, and over before anybody saw it.
    attempts.forget(attempt);
    throw new Failure(refusals.conflict.code, refusals.conflict.msg);
  };

  return {
    async create(kind, absenceCloseAfter) {
      try {
        return await createOnce(kind, absenceCloseAfter);
      } catch (thrown) {
        if (toFailure(thrown).code !== refusals.conflict.code) throw thrown;
        return createOnce(kind, absenceCloseAfter);
      }
    },
    async join(invitation) {
      const attempt = attempts.joining(invitation.code) ?? (await newJoin(invitation));
      return enter(attempt, await ask(attempt));
    },
  };
}
