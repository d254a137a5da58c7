import type { Membership, Tokens } from '../../../src/client/api/answers.ts';
import { noAnswer, toFailure } from '../../../src/client/api/no-answer.ts';
import { createAdmission, type Admission } from '../../../src/browser/room/admission.ts';
import { ADMISSION_TRIES } from '../../../src/client/connection/admission.ts';
import { createBackoff } from '../../../src/client/connection/backoff.ts';
import { createAttempts } from '../../../src/browser/session/attempts.ts';
import { loadSession } from '../../../src/browser/session/session.ts';
import { createTabStorage } from '../../../src/browser/session/tab-storage.ts';
import { Failure, failures } from '../../../src/chat/failures.ts';
import type { Invitation } from '../../../src/crypto/index.ts';
import { TOKEN_PATTERN, type Status } from '../../../src/protocol.ts';
import { memoryStore, PageClock, settle } from './support.ts';

const CODE = 'c'.repeat(24);
const OTHER_CODE = 'd'.repeat(24);

const plain = (code: string): Invitation => ({ kind: 'plain', code });

type Step = Failure | Status;

interface Rig {
  admission: Admission;
  clock: PageClock;
  /** The tokens of each request, in order. */
  asked: Tokens[];
  store: ReturnType<typeof memoryStore>;
  /** The home page of the same tab after a reload; the server goes on with the script. */
  reload: () => Rig;
  unansweredCode: () => string | undefined;
}

/** Plays a script of answers to create and join; at its end the server lets everybody in. */
function rig(steps: Step[], store = memoryStore(), asked: Tokens[] = []): Rig {
  const clock = new PageClock();
  const storage = createTabStorage(() => store);
  const attempts = createAttempts(storage);
  const answer = (tokens: Tokens): Promise<Membership> => {
    asked.push(tokens);
    const step = steps.shift() ?? 'ready';
    return step instanceof Failure
      ? Promise.reject(step)
      : Promise.resolve({ ...tokens, status: step, encrypted: false, created: '', expires: '' });
  };
  const admission = createAdmission({
    api: { create: answer, join: answer, close: () => Promise.resolve() },
    storage,
    attempts,
    clock,
    keepKeys: () => Promise.reject(new Error('A plain chat has no keys')),
    leave: () => Promise.resolve(),
    makeBackoff: () => createBackoff({ random: () => 0 }),
  });
  return {
    admission,
    clock,
    asked,
    store,
    reload: () => rig(steps, store, asked),
    unansweredCode: () => attempts.unansweredCode(),
  };
}

const lost = (times: number): Failure[] => Array.from({ length: times }, noAnswer);

/** Waits for a call that gives up, however long it takes. */
async function failureOf(clock: PageClock, call: Promise<unknown>): Promise<Failure> {
  const failed = call.then(() => {
    throw new Error('It was let in');
  }, toFailure);
  await clock.advance(600_000);
  return failed;
}

const distinct = (tokens: readonly Tokens[]): number =>
  new Set(tokens.map((pair) => JSON.stringify(pair))).size;

describe.each(['create', 'join'] as const)('%s', (action) => {
  const start = ({ admission }: Rig): ReturnType<Admission['join']> =>
    action === 'create' ? admission.create('plain') : admission.join(plain(CODE));

  test('names tokens that were made here', async () => {
    const page = rig([]);
    const { session } = await start(page);
    const [tokens] = page.asked;
    expect(tokens?.chatToken).toMatch(TOKEN_PATTERN);
    expect(tokens?.userToken).toMatch(TOKEN_PATTERN);
    expect(tokens?.userToken).not.toBe(tokens?.chatToken);
    expect(session).toMatchObject({ ...tokens, role: action === 'create' ? 'creator' : 'joiner' });
  });

  test.each([0, 502, 503, 504])(
    'repeats the same tokens after %i, later and later',
    async (code) => {
      const page = rig([new Failure(code, ''), new Failure(code, '')]);
      const entering = start(page);
      await page.clock.advance(999);
      expect(page.asked).toHaveLength(1);
      await page.clock.advance(1);
      expect(page.asked).toHaveLength(2);
      await page.clock.advance(1_999);
      expect(page.asked).toHaveLength(2);
      await page.clock.advance(1);
      await entering;
      expect(page.asked).toHaveLength(3);
      expect(distinct(page.asked)).toBe(1);
    },
  );

  test('waits as long as the server asks for', async () => {
    const page = rig([failures.unavailable(7_000)]);
    const entering = start(page);
    await page.clock.advance(6_999);
    expect(page.asked).toHaveLength(1);
    await page.clock.advance(1);
    await entering;
    expect(page.asked).toHaveLength(2);
  });

  test('does not leave anybody waiting when the server asks for minutes', async () => {
    const page = rig([failures.unavailable(120_000)]);
    const failure = await failureOf(page.clock, start(page));
    expect(failure).toMatchObject({ code: 503, retryAfterMs: 120_000 });
    expect(page.asked).toHaveLength(1);
  });

  test('gives up after some tries, and goes on with the same tokens when asked again', async () => {
    const page = rig(lost(ADMISSION_TRIES));
    expect(await failureOf(page.clock, start(page))).toMatchObject({ code: 0 });
    expect(page.asked).toHaveLength(ADMISSION_TRIES);
    await start(page);
    expect(page.asked).toHaveLength(ADMISSION_TRIES + 1);
    expect(distinct(page.asked)).toBe(1);
  });

  test('goes on with the same tokens after a reload', async () => {
    const page = rig(lost(1));
    void start(page);
    await settle();
    const reloaded = page.reload();
    await start(reloaded);
    expect(reloaded.asked).toHaveLength(2);
    expect(distinct(reloaded.asked)).toBe(1);
  });

  test.each([429, 500])(
    'keeps the tokens after %i, which says nothing of earlier tries',
    async (code) => {
      const page = rig([noAnswer(), new Failure(code, '')]);
      expect(await failureOf(page.clock, start(page))).toMatchObject({ code });
      expect(page.asked).toHaveLength(2);
      await start(page);
      expect(distinct(page.asked)).toBe(1);
    },
  );

  test.each([400, 401, 404, 410])('ends at %i and forgets the tokens', async (code) => {
    const page = rig([noAnswer(), new Failure(code, '')]);
    expect(await failureOf(page.clock, start(page))).toMatchObject({ code });
    expect(page.asked).toHaveLength(2);
    expect(page.store.keys()).toEqual([]);
    await start(page);
    expect(distinct(page.asked)).toBe(2);
  });

  test('leaves nothing but the session when it is done', async () => {
    const page = rig(lost(1));
    const entering = start(page);
    await page.clock.advance(1_000);
    const { session, kept } = await entering;
    expect(kept).toBe(true);
    expect(page.store.keys()).toEqual(['sfchat.session']);
    expect(loadSession(createTabStorage(() => page.store))).toEqual(session);
  });

  test('works in a browser that refuses to store anything', async () => {
    const store = memoryStore();
    store.full = true;
    const page = rig(lost(1), store);
    const entering = start(page);
    await page.clock.advance(1_000);
    expect((await entering).kept).toBe(false);
    expect(distinct(page.asked)).toBe(1);
  });
});

describe('create', () => {
  test.each<[string, Step]>([
    ['is taken', failures.chatTokenTaken()],
    ['belongs to a chat that ended before anybody saw it', 'closed'],
  ])('takes new tokens, once, when the chat token %s', async (_what, step) => {
    const page = rig([step, 'draft']);
    const { session } = await page.admission.create('plain');
    expect(distinct(page.asked)).toBe(2);
    expect(session).toMatchObject({ ...page.asked[1], status: 'draft' });
  });

  test('does not go on for ever with new tokens', async () => {
    const page = rig([failures.chatTokenTaken(), failures.chatTokenTaken()]);
    expect(await failureOf(page.clock, page.admission.create('plain'))).toMatchObject({
      code: 409,
    });
    expect(page.asked).toHaveLength(2);
    expect(page.store.keys()).toEqual([]);
  });
});

describe('join', () => {
  test('has the code for its chat token', async () => {
    const page = rig([]);
    await page.admission.join(plain(CODE));
    expect(page.asked).toMatchObject([{ chatToken: CODE }]);
  });

  test('takes another user token for another code', async () => {
    const page = rig(lost(ADMISSION_TRIES));
    await failureOf(page.clock, page.admission.join(plain(CODE)));
    await page.admission.join(plain(OTHER_CODE));
    const [first, last] = [page.asked[0], page.asked.at(-1)];
    expect(last?.chatToken).toBe(OTHER_CODE);
    expect(last?.userToken).not.toBe(first?.userToken);
  });

  test('takes the tokens of the first code again after a detour over another', async () => {
    const page = rig([...lost(ADMISSION_TRIES), failures.invalidCode()]);
    await failureOf(page.clock, page.admission.join(plain(CODE)));
    await failureOf(page.clock, page.admission.join(plain(OTHER_CODE)));
    await page.admission.join(plain(CODE));
    expect(page.asked.at(-1)).toEqual(page.asked[0]);
  });

  test('enters also when the chat is closed by now, to show what there is', async () => {
    const page = rig([noAnswer(), 'closed']);
    const entering = page.admission.join(plain(CODE));
    await page.clock.advance(1_000);
    expect((await entering).session).toMatchObject({ chatToken: CODE, status: 'closed' });
  });

  test('offers after a reload the code that got no answer last, and none after a refusal', async () => {
    const page = rig([...lost(2 * ADMISSION_TRIES), failures.invitationOver()]);
    await failureOf(page.clock, page.admission.join(plain(OTHER_CODE)));
    await failureOf(page.clock, page.admission.join(plain(CODE)));
    expect(page.reload().unansweredCode()).toBe(CODE);
    await failureOf(page.clock, page.admission.join(plain(CODE)));
    expect(page.reload().unansweredCode()).toBe(OTHER_CODE);
  });

  test('does not offer the code of a create that got no answer', async () => {
    const page = rig(lost(ADMISSION_TRIES));
    await failureOf(page.clock, page.admission.create('plain'));
    expect(page.reload().unansweredCode()).toBeUndefined();
  });
});

describe('what the tab remembers of attempts', () => {
  test.each(['', '{', 'null', '{}', '[null,{"role":"joiner","chatToken":"x","userToken":7}]'])(
    'is nothing when it makes no sense: %s',
    async (stored) => {
      const store = memoryStore();
      store.setItem('sfchat.attempts', stored);
      const page = rig([], store);
      expect(page.unansweredCode()).toBeUndefined();
      await page.admission.join(plain(CODE));
      expect(page.asked).toMatchObject([{ chatToken: CODE }]);
    },
  );
});
