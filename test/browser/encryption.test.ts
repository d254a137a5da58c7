import type { Page } from 'playwright-core';
import {
  flipBit,
  forgedRestarts,
  ofKind,
  payloadOf,
  withPayload,
} from '../support/hostile-relay.ts';
import { relayTo, type Relay } from './relay.ts';
import {
  createChat,
  joinChat,
  lineSaying,
  say,
  STORY_TIMEOUT,
  untilOpen,
  usePeople,
  type Person,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

/** What the header says about the encryption. */
const header = (page: Page, label: string) =>
  page.getByRole('button', { name: label, exact: true });

/** Opens the dialog of a chat that has keys, reads the words and goes back. */
async function wordsOf(page: Page): Promise<string[]> {
  await page.locator('#security').click();
  const dialog = page.locator('#security-dialog');
  await dialog.locator('#words li').nth(3).waitFor();
  const words = await dialog.locator('#words li').allTextContents();
  await dialog.getByRole('button', { name: 'Back to the chat' }).click();
  return words;
}

const notice = (page: Page, text: string | RegExp) =>
  page.locator('#log .line-notice').filter({ hasText: text });

describe('an encrypted chat', () => {
  const people = usePeople();
  let creator: Person;
  let joiner: Person;

  beforeEach(() => {
    ({ creator, joiner } = people);
  });

  const talk = (): Promise<void> => people.talk();

  /** Both can write and read, and see the same words. */
  const expectTalk = async (): Promise<void> => {
    for (const { page } of [creator, joiner]) await untilOpen(page);
    await say(creator.page, 'from the creator');
    await lineSaying(joiner.page, 'from the creator').first().waitFor();
    await say(joiner.page, 'from the joiner');
    await lineSaying(creator.page, 'from the joiner').first().waitFor();
    expect(await wordsOf(joiner.page)).toEqual(await wordsOf(creator.page));
  };

  test('says what is true at each time, and shows both the same four words', async () => {
    const code = await createChat(creator);
    await header(creator.page, 'Keys: when Talker joins').waitFor();
    await joinChat(joiner, code);
    for (const { page } of [creator, joiner]) await header(page, 'Encrypted').waitFor();
    const words = await wordsOf(creator.page);
    expect(words).toEqual([expect.any(String), ...words.slice(1)]);
    expect(new Set(words.map((word) => /^[a-z]{3,8}$/.test(word)))).toEqual(new Set([true]));
    expect(await wordsOf(joiner.page)).toEqual(words);
    expect(await creator.page.locator('#plain-banner').isVisible()).toBe(false);
  });

  test('is called compared only where somebody has said so, also after a reload', async () => {
    await talk();
    await header(creator.page, 'Encrypted').click();
    await creator.page.getByRole('button', { name: 'They match' }).click();
    await header(creator.page, 'Encrypted and compared').waitFor();
    expect(await header(joiner.page, 'Encrypted').isVisible()).toBe(true);
    await creator.page.reload();
    await header(creator.page, 'Encrypted and compared').waitFor();
  });

  test('says so when the words cannot be loaded, and shows them later', async () => {
    await talk();
    creator.expectErrors(/ERR_INTERNET_DISCONNECTED/);
    await creator.page.route('**/assets/*', (route) => route.abort('internetdisconnected'));
    await header(creator.page, 'Encrypted').click();
    await creator.page.getByText('The words could not be loaded').waitFor();
    await creator.page.unrouteAll({ behavior: 'wait' });
    await creator.page.reload();
    await untilOpen(creator.page);
    expect(await wordsOf(creator.page)).toEqual(await wordsOf(joiner.page));
  });

  test('ends for both, after one question, when the words differ', async () => {
    await talk();
    await header(joiner.page, 'Encrypted').click();
    await joiner.page.getByRole('button', { name: 'They differ' }).click();
    const question = joiner.page.locator('#close-dialog');
    await question.getByText('somebody else sits between the two of you').waitFor();
    await question.getByRole('button', { name: 'Close chat' }).click();
    for (const { page } of [creator, joiner]) {
      await page.getByText('This chat is closed.').waitFor();
      expect(await page.locator('#security').isVisible()).toBe(false);
    }
  });

  test('marks what is delivered and what Talker has confirmed, in words for everybody', async () => {
    await talk();
    await say(creator.page, 'Hi');
    const mark = creator.page.locator('.entry', { hasText: 'Hi' }).locator('.mark');
    const delivered = 'Delivered to Talker’s browser and erased from the server, says the server';
    await creator.page.getByRole('img', { name: delivered }).waitFor();
    await say(joiner.page, 'Hello');
    await creator.page.getByRole('img', { name: 'Confirmed by Talker' }).waitFor();
    expect(await mark.getAttribute('title')).toBe('Confirmed by Talker');
  });

  describe.each(['creator', 'joiner'] as const)('is agreed on although the %s reloads', (role) => {
    test.each([
      ['POST', 1],
      ['POST', 2],
      ['DELETE', 1],
      ['DELETE', 2],
    ])('before %s number %i is answered', async (method, nth) => {
      const reloading = role === 'creator' ? creator : joiner;
      reloading.expectErrors(/net::ERR_/);
      let seen = 0;
      const reached = new Promise<void>((resolve) => {
        void reloading.page.route('**/api/v1/messages.json', async (route) => {
          seen += route.request().method() === method ? 1 : 0;
          if (seen < nth) return route.continue();
          resolve();
          return route.abort('internetdisconnected');
        });
      });
      const code = await createChat(creator);
      const joining = joiner.page
        .goto('/')
        .then(() => joiner.page.getByLabel('Invitation code').fill(code))
        .then(() => joiner.page.getByRole('button', { name: 'Join' }).click());
      await Promise.all([joining, reached]);
      await reloading.page.unrouteAll({ behavior: 'wait' });
      await joiner.page.waitForURL('/chat');
      await reloading.page.reload();
      await expectTalk();
      for (const { page } of [creator, joiner]) {
        expect(await notice(page, /missing|could not|refused/).count()).toBe(0);
      }
    });
  });

  test('goes on in a duplicated tab, also when the older tab leaves for another chat', async () => {
    await talk();
    creator.expectErrors(/status of 409/);
    const words = await wordsOf(creator.page);
    const [copy] = await Promise.all([
      creator.context.waitForEvent('page'),
      creator.page.evaluate("void window.open('/chat')"),
    ]);
    await untilOpen(copy);
    await creator.page.getByText('This one has stopped.').waitFor();
    expect(await wordsOf(copy)).toEqual(words);
    await say(copy, 'from the copy');
    await lineSaying(joiner.page, 'from the copy').waitFor();
    await createChat(creator);
    await say(copy, 'still here');
    await lineSaying(joiner.page, 'still here').waitFor();
    await say(joiner.page, 'yes');
    await lineSaying(copy, 'yes').waitFor();
    expect(await notice(joiner.page, 'missing').count()).toBe(0);
  });

  test('is closed for both when the browser has lost its keys', async () => {
    await talk();
    creator.expectErrors(/status of 401/);
    await creator.page.evaluate("void indexedDB.deleteDatabase('sfchat')");
    await creator.page.reload();
    await creator.page.getByText('This browser has lost the keys of this chat').waitFor();
    await joiner.page.getByText('This chat is closed.').waitFor();
    expect(await creator.page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}');
  });

  describe('where the browser refuses to keep keys', () => {
    beforeEach(async () => {
      for (const { page } of [creator, joiner]) {
        await page.addInitScript(`
          indexedDB.open = () => { throw new DOMException('refused', 'InvalidStateError'); };
        `);
      }
    });

    test.each(['creator', 'joiner'] as const)(
      'new keys are exchanged after a reload of the %s, and both are told',
      async (role) => {
        const [one, other] = role === 'creator' ? [creator, joiner] : [joiner, creator];
        await talk();
        await expectTalk();
        await say(other.page, 'never confirmed');
        await lineSaying(one.page, 'never confirmed').waitFor();
        await header(other.page, 'Encrypted').click();
        await other.page.getByRole('button', { name: 'They match' }).click();
        const words = await wordsOf(other.page);
        await one.page.reload();
        await notice(one.page, 'the reload has lost them').waitFor();
        for (const { page } of [one, other]) await notice(page, 'New keys are in use').waitFor();
        await header(other.page, 'Encrypted').waitFor();
        expect(await wordsOf(other.page)).not.toEqual(words);
        await expectTalk();
        await other.page.getByRole('button', { name: 'Send again' }).last().click();
        await lineSaying(one.page, 'never confirmed').waitFor();
      },
    );

    test('new keys are exchanged also where it refuses to store anything at all', async () => {
      await joiner.page.addInitScript(`
        Object.defineProperty(window, 'sessionStorage', {
          get() { throw new DOMException('refused', 'SecurityError'); },
        });
      `);
      await talk();
      await joiner.page.reload();
      await notice(creator.page, 'New keys are in use').waitFor();
      await expectTalk();
      await joiner.page.getByRole('button', { name: 'Close chat' }).click();
      await joiner.page.locator('#close-confirm').click();
      await joiner.page.getByText('This chat is closed.').waitFor();
      expect(await joiner.page.evaluate('history.state')).toBeNull();
    });

    test('nothing is left when the chat is closed', async () => {
      await talk();
      await creator.page.getByRole('button', { name: 'Close chat' }).click();
      await creator.page.locator('#close-confirm').click();
      for (const { page } of [creator, joiner]) {
        await page.getByText('This chat is closed.').waitFor();
        expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}');
      }
    });
  });

  describe('with a hostile server', () => {
    const isText = ofKind('m');
    const texts = (msg: string): boolean => isText({ to: 'joiner', msg });
    const keys = (msg: string): boolean => ofKind('k')({ to: 'joiner', msg });
    let relay: Relay;

    beforeEach(async () => {
      relay = await relayTo(joiner.page);
    });

    test('shows nothing that was changed on its way, and warns', async () => {
      await talk();
      relay.meddler = (msg) => [texts(msg) ? flipBit(msg, 300) : msg];
      await say(creator.page, 'changed');
      await notice(joiner.page, 'A message could not be read').waitFor();
      await header(joiner.page, 'Warning').waitFor();
      expect(await joiner.page.locator('.line-talker').count()).toBe(0);
    });

    test('shows where a message is missing', async () => {
      await talk();
      relay.meddler = (msg) => (texts(msg) ? [] : [msg]);
      await say(creator.page, 'dropped');
      await creator.page.getByRole('img', { name: /^Delivered/ }).waitFor();
      relay.meddler = (msg) => [msg];
      await say(creator.page, 'after it');
      await lineSaying(joiner.page, 'after it').waitFor();
      const shown = await joiner.page.locator('#log .line').allTextContents();
      expect(shown.slice(-2)).toEqual([
        'A message is missing here.',
        expect.stringMatching(/after it$/),
      ]);
      await header(joiner.page, 'Warning').waitFor();
    });

    test('shows a message once, however often it is delivered', async () => {
      await talk();
      relay.meddler = (msg) => [msg, msg, msg];
      await say(creator.page, 'once');
      await say(creator.page, 'then this');
      await lineSaying(joiner.page, 'then this').waitFor();
      expect(await lineSaying(joiner.page, 'once').count()).toBe(1);
      await header(joiner.page, 'Encrypted').waitFor();
    });

    test('completes no exchange with other keys, says so, and can try again', async () => {
      const code = await createChat(creator);
      const other = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
        'deriveBits',
      ]);
      const point = new Uint8Array(await crypto.subtle.exportKey('raw', other.publicKey));
      relay.meddler = (msg) => {
        if (!keys(msg)) return [msg];
        const payload = payloadOf(msg);
        payload.set(point);
        return [withPayload(msg, payload)];
      };
      await joiner.page.goto('/');
      await joiner.page.getByLabel('Invitation code').fill(code);
      await joiner.page.getByRole('button', { name: 'Join' }).click();
      await notice(joiner.page, 'No keys could be agreed on').waitFor();
      expect(await joiner.page.getByLabel('Your message').isDisabled()).toBe(true);
      relay.meddler = (msg) => [msg];
      await header(joiner.page, 'Warning').click();
      await joiner.page.getByRole('button', { name: 'Try again' }).click();
      await expectTalk();
      await header(joiner.page, 'Encrypted').waitFor();
    });

    test('changes no keys because somebody without the code asks for it', async () => {
      await talk();
      const words = await wordsOf(joiner.page);
      const [, commit] = forgedRestarts((length) => new Uint8Array(length));
      relay.forged.push(commit!.msg, 'plain text from nowhere');
      await say(creator.page, 'as before');
      await lineSaying(joiner.page, 'as before').waitFor();
      await notice(joiner.page, 'not encrypted arrived').waitFor();
      await say(joiner.page, 'me, too');
      await lineSaying(creator.page, 'me, too').waitFor();
      expect(await joiner.page.getByText('plain text from nowhere').count()).toBe(0);
      await header(joiner.page, 'Warning').click();
      await joiner.page.getByRole('button', { name: 'Back to the chat' }).click();
      await header(joiner.page, 'Encrypted').waitFor();
      expect(await wordsOf(joiner.page)).toEqual(words);
    });

    test('warns when what it calls delivered is never confirmed', async () => {
      await joiner.page.clock.install();
      await talk();
      const towardsCreator = await relayTo(creator.page);
      await creator.page.reload();
      await untilOpen(creator.page);
      towardsCreator.meddler = (msg) => (texts(msg) ? [] : [msg]);
      await say(joiner.page, 'swallowed');
      await joiner.page.getByRole('img', { name: /^Delivered/ }).waitFor();
      await joiner.page.clock.fastForward(11_000);
      for (const text of ['one', 'two', 'three']) {
        await say(creator.page, text);
        await lineSaying(joiner.page, text).waitFor();
      }
      await header(joiner.page, 'Warning').click();
      await joiner.page.getByText('but Talker does not confirm it').waitFor();
      await joiner.page.getByRole('button', { name: 'Back to the chat' }).click();
      expect(await joiner.page.getByRole('button', { name: 'Send again' }).count()).toBe(1);
    });

    test.each([
      ['an encrypted chat is called plain', 'encrypted', false],
      ['a plain chat is called encrypted', 'plain', true],
    ] as const)('is refused when %s', async (_what, kind, encrypted) => {
      // It may have begun to exchange keys when the chat is closed.
      creator.expectErrors(/status of 409/);
      const code = await createChat(creator, kind);
      await joiner.page.route('**/api/v1/chat.json', async (route) => {
        if (route.request().method() !== 'PUT') return route.continue();
        const answer = await route.fetch();
        const body = (await answer.json()) as { results: object };
        return route.fulfill({
          response: answer,
          json: { results: { ...body.results, encrypted } },
        });
      });
      await joiner.page.goto('/');
      await joiner.page.getByLabel('Invitation code').fill(code);
      await joiner.page.getByRole('button', { name: 'Join' }).click();
      await joiner.page.getByText('of another kind than its invitation').waitFor();
      expect(new URL(joiner.page.url()).pathname).toBe('/');
      await creator.page.getByText('This chat is closed.').waitFor();
    });
  });

  test('is joined by nobody but with its code, and a plain one under a banner', async () => {
    const code = await createChat(creator, 'plain');
    await joinChat(joiner, code);
    for (const { page } of [creator, joiner]) {
      await header(page, 'Not encrypted').waitFor();
      await page.getByText('Whoever runs this server can read').waitFor();
    }
    expect(await joiner.page.getByLabel('Your message').isEnabled()).toBe(true);
  });
});
