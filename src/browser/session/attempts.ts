import { kindOf, type Attempt } from '../../client/connection/admission.ts';
import type { Invitation } from '../../crypto/index.ts';
import { readTokens, type Tokens } from '../../client/api/answers.ts';
import { asList, asObject, asText, parseJson } from '../../client/api/json.ts';
import { readRole } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

/**
 * The tokens and codes of every create and join that the server has not answered yet, kept across
 * reloads. The next try repeats them: where an earlier one succeeded and only its answer got lost, the
 * server knows by them who it is.
 */
export interface Attempts {
  /** The create of such a chat without an answer. */
  creating(kind: Invitation['kind']): Attempt | undefined;
  /** The join with this code without an answer. */
  joining(code: string): Attempt | undefined;
  /** Keeps it, as the newest. */
  remember(attempt: Attempt): void;
  /** The code of the newest join without an answer. */
  unansweredCode(): string | undefined;
  /** To be called when the server has refused these tokens for good. */
  forget(tokens: Tokens): void;
  forgetAll(): void;
}

const KEY = 'sfchat.attempts';

/** Creates the attempts from what the tab remembers. */
export function createAttempts(storage: TabStorage): Attempts {
  const read = (): Attempt[] => asList(parseJson(storage.get(KEY))).flatMap(readAttempt);
  const write = (attempts: readonly Attempt[]): void => {
    if (attempts.length > 0) storage.set(KEY, JSON.stringify(attempts));
    else storage.remove(KEY);
  };

  return {
    creating: (kind) =>
      read().find(({ role, code }) => role === 'creator' && kindOf(code) === kind),
    joining: (joined) => read().find(({ role, code }) => role === 'joiner' && code === joined),
    /** The newest is the last. */
    remember(attempt) {
      write([...read().filter(({ userToken }) => userToken !== attempt.userToken), attempt]);
    },
    unansweredCode: () => read().findLast(({ role }) => role === 'joiner')?.code,
    forget(tokens) {
      write(read().filter(({ userToken }) => userToken !== tokens.userToken));
    },
    forgetAll() {
      storage.remove(KEY);
    },
  };
}

function readAttempt(value: unknown): Attempt[] {
  const tokens = readTokens(value);
  const { role, code } = asObject(value);
  if (!tokens || kindOf(asText(code)) === undefined) return [];
  return [{ ...tokens, role: readRole(role), code: asText(code) }];
}
