import type { Membership, Tokens } from '../../../src/client/api/answers.ts';
import { noAnswer } from '../../../src/client/api/no-answer.ts';
import { createAdmission, type Admission } from '../../../src/browser/room/admission.ts';
import { WrongKind } from '../../../src/client/connection/wrong-kind.ts';
import { createBackoff } from '../../../src/client/connection/backoff.ts';
import { createAttempts } from '../../../src/browser/session/attempts.ts';
import { createTabStorage } from '../../../src/browser/session/tab-storage.ts';
import type { Failure } from '../../../src/chat/failures.ts';
import { deriveInvitation, parseInvitation, type Role } from '../../../src/crypto/index.ts';
import { eventually } from '../../support/eventually.ts';
import { memoryStore, PageClock } from './support.ts';

const CODE = 'g0123456789abcdefghjkmnp';
const CHAT_TOKEN = 'ca7e2e12919d5acb37029391';
const VAULT = '1'.repeat(24);

interface Rig {
  admission: Admission;
  clock: PageClock;
  asked: (Tokens & { encrypted?: boolean })[];
  closed: Tokens[];
  kept: { role: Role; code: string; endsAt: number }[];
  store: ReturnType<typeof memoryStore>;
}

/** A server that calls every chat encrypted or none, after so many lost answers. */
function rig(encrypted: boolean, lost: Failure[] = [], refusesKeys = false): Rig {
  const [clock, store] = [new PageClock(), memoryStore()];
  const storage = createTabStorage(() => store);
  const made: Omit<Rig, 'admission'> = { clock, store, asked: [], closed: [], kept: [] };
  const answer = (tokens: Tokens, asked?: boolean): Promise<Membership> => {
    made.asked.push({ ...tokens, ...(asked !== undefined && { encrypted: asked }) });
    const failure = lost.shift();
    if (failure) return Promise.reject(failure);
    const [created, expires] = ['2026-01-01T00:00:00Z', '2026-01-01T12:00:00Z'];
    return Promise.resolve({ ...tokens, status: 'ready', encrypted, created, expires });
  };
  const admission = createAdmission({
    api: {
      create: answer,
      join: answer,
      close(tokens) {
        made.closed.push(tokens);
        return Promise.resolve();
      },
    },
    storage,
    attempts: createAttempts(storage),
    clock,
    keepKeys(chat) {
      made.kept.push(chat);
      return Promise.resolve(refusesKeys ? { code: chat.code } : { vault: VAULT });
    },
    leave: () => Promise.resolve(),
    makeBackoff: () => createBackoff({ random: () => 0 }),
  });
  return { ...made, admission };
}

const join = ({ admission }: Rig) => admission.join({ kind: 'encrypted', code: CODE });

describe('the way into an encrypted chat', () => {
  test('names to the server the token that is derived from the code, never the code', async () => {
    const page = rig(true);
    await join(page);
    expect(page.asked).toMatchObject([{ chatToken: CHAT_TOKEN }]);
    expect(JSON.stringify(page.asked)).not.toContain(CODE);
  });

  test('makes a code that leads to the token of the chat it creates', async () => {
    const page = rig(true);
    await page.admission.create('encrypted');
    const [{ code } = { code: '' }] = page.kept;
    expect(parseInvitation(code)?.kind).toBe('encrypted');
    const { chatToken } = await deriveInvitation(code);
    expect(page.asked).toMatchObject([{ chatToken, encrypted: true }]);
  });

  test('repeats a create without an answer with the same code and tokens', async () => {
    const page = rig(true, [noAnswer()]);
    const creating = page.admission.create('encrypted');
    await eventually(() => page.asked.length === 1, 'the server is asked');
    const attempts = page.store.getItem('sfchat.attempts');
    await page.clock.advance(1_000);
    await creating;
    expect(page.asked).toHaveLength(2);
    expect(page.asked[1]).toEqual(page.asked[0]);
    expect(attempts).toContain(page.kept[0]!.code);
  });

  test('keeps no code in the tab when the browser keeps the keys', async () => {
    const page = rig(true);
    await join(page);
    expect(page.store.getItem('sfchat.session')).toContain(VAULT);
    expect(page.store.keys()).toEqual(['sfchat.session']);
    expect(page.store.getItem('sfchat.session')).not.toContain(CODE);
  });

  test('keeps the code in the tab when the browser keeps no keys', async () => {
    const page = rig(true, [], true);
    const { session } = await join(page);
    expect(session).toMatchObject({ code: CODE });
  });

  test('deletes everything when the time of the chat is over, by the server’s own clock', async () => {
    const page = rig(true);
    const before = page.clock.now();
    await join(page);
    expect(page.kept[0]!.endsAt - before).toBe(12 * 3_600_000);
  });

  test.each(['create', 'join'] as const)(
    'does not go on, and closes the chat, when the server calls it plain: %s',
    async (action) => {
      const page = rig(false);
      const entering = action === 'join' ? join(page) : page.admission.create('encrypted');
      await expect(entering).rejects.toBeInstanceOf(WrongKind);
      expect(page.closed).toHaveLength(1);
      expect([page.store.keys(), page.kept]).toEqual([[], []]);
    },
  );

  test('does not go on either when a plain chat is called encrypted', async () => {
    const page = rig(true);
    const entering = page.admission.join({ kind: 'plain', code: CHAT_TOKEN });
    await expect(entering).rejects.toBeInstanceOf(WrongKind);
    expect(page.store.keys()).toEqual([]);
  });
});
