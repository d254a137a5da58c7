import type { Token } from '../../protocol.ts';
import { readTokens, type Tokens } from '../api/answers.ts';
import { asList, asObject, parseJson } from '../api/json.ts';
import { newToken } from '../api/token.ts';
import { readRole, type Role } from './session.ts';
import type { TabStorage } from './tab-storage.ts';

type Attempt = Tokens & { readonly role: Role };

/**
 * The tokens of every create and join that the server has not answered yet, kept across reloads. The
 * next try repeats them: where an earlier one succeeded and only its answer got lost, the server knows
 * by them who it is.
 */
export interface Attempts {
  /** The tokens of the create without an answer, or new ones. */
  tokensToCreate(): Tokens;
  /** The tokens of the join with this code without an answer, or new ones. */
  tokensToJoin(code: Token): Tokens;
  /** The code of the newest join without an answer. */
  unansweredCode(): Token | undefined;
  /** To be called when the server has refused these tokens for good. */
  forget(tokens: Tokens): void;
  forgetAll(): void;
}

const KEY = 'sfchat.attempts';

/** Creates the attempts from what the tab remembers. */
export function createAttempts(storage: TabStorage, makeToken: () => Token = newToken): Attempts {
  const read = (): Attempt[] => asList(parseJson(storage.get(KEY))).flatMap(readAttempt);
  const write = (attempts: readonly Attempt[]): void => {
    if (attempts.length > 0) storage.set(KEY, JSON.stringify(attempts));
    else storage.remove(KEY);
  };

  /** The newest is the last. */
  const remember = (attempt: Attempt): Tokens => {
    write([...read().filter(({ userToken }) => userToken !== attempt.userToken), attempt]);
    return { chatToken: attempt.chatToken, userToken: attempt.userToken };
  };

  return {
    tokensToCreate() {
      const known = read().find(({ role }) => role === 'creator');
      return remember(known ?? { role: 'creator', chatToken: makeToken(), userToken: makeToken() });
    },
    tokensToJoin(code) {
      const known = read().find(({ role, chatToken }) => role === 'joiner' && chatToken === code);
      return remember(known ?? { role: 'joiner', chatToken: code, userToken: makeToken() });
    },
    unansweredCode: () => read().findLast(({ role }) => role === 'joiner')?.chatToken,
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
  return tokens ? [{ ...tokens, role: readRole(asObject(value)['role']) }] : [];
}
