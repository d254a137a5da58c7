import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import {
  focused,
  line,
  lines,
  lineSaying,
  createChat,
  joinChat,
  say,
  setHidden,
  STORY_TIMEOUT,
  untilOpen,
  usePeople,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const field = (page: Page) => page.getByLabel('Your message');
const presence = (page: Page, text: string | RegExp) =>
  page.locator('#presence').filter({ hasText: text });

async function close(page: Page): Promise<void> {
  await page.locator('#close').click();
  await page.locator('#close-confirm').click();
}

/** Milliseconds for what a page does, on a busy machine, too. */
const PATIENCE_MS = 20_000;

const isTitled = (page: Page, title: string): Promise<void> =>
  eventually(async () => (await page.title()) === title, `the title is ${title}`, PATIENCE_MS);

describe('a conversation', () => {
  const people = usePeople();

  test('sends with Enter and with Ctrl+Enter, and begins a line with Shift+Enter', async () => {
    await people.talk();
    const { creator, joiner } = people;
    await field(creator.page).pressSequentially('one');
    await creator.page.keyboard.press('Shift+Enter');
    await creator.page.keyboard.type('two');
    await creator.page.keyboard.press('Enter');
    await lineSaying(joiner.page, 'one\ntwo').waitFor();
    await creator.page.keyboard.type('three');
    await creator.page.keyboard.press('Control+Enter');
    await lineSaying(joiner.page, 'three').waitFor();
    expect(await field(creator.page).inputValue()).toBe('');
    expect(await field(creator.page).getAttribute('enterkeyhint')).toBe('send');
  });

  test('leaves Enter to an input method that is composing a word', async () => {
    await people.talk();
    const { page } = people.creator;
    await field(page).fill('nihao');
    const pressEnter = (init: string): Promise<boolean> =>
      page.evaluate<boolean>(
        `document.getElementById('message').dispatchEvent(new KeyboardEvent('keydown',
          { key: 'Enter', bubbles: true, cancelable: true, ${init} }))`,
      );
    expect(await pressEnter('isComposing: true')).toBe(true);
    expect(await pressEnter('keyCode: 229')).toBe(true);
    expect(await field(page).inputValue()).toBe('nihao');
    expect(await pressEnter('keyCode: 13')).toBe(false);
    await lineSaying(page, 'nihao').waitFor();
  });

  test('gives the focus to the message field when the talker joins, whatever hides then', async () => {
    const { creator, joiner } = people;
    const code = await createChat(creator);
    await creator.page.getByRole('button', { name: 'Copy code' }).focus();
    await joinChat(joiner, code);
    await untilOpen(creator.page);
    await creator.page.locator('#message:focus').waitFor();
    await creator.page.keyboard.type('typed at once');
    await creator.page.keyboard.press('Enter');
    await lineSaying(joiner.page, 'typed at once').waitFor();
    expect(await focused(joiner.page)).toBe('message');
  });

  test('tells somebody who looks elsewhere of the join, of messages and of the end', async () => {
    const { creator, joiner } = people;
    const code = await createChat(creator);
    const icons = (): Promise<string> =>
      creator.page.evaluate<string>(
        `[...document.querySelectorAll('link[rel=icon]')].map((icon) => icon.href).join()`,
      );
    const calm = await icons();
    await setHidden(creator.page, true);
    await joinChat(joiner, code);
    await isTitled(creator.page, 'Talker joined - SFChat');
    expect(await icons()).not.toBe(calm);
    await setHidden(creator.page, false);
    expect([await creator.page.title(), await icons()]).toEqual(['Chat - SFChat', calm]);

    await setHidden(creator.page, true);
    await say(joiner.page, 'one');
    await say(joiner.page, 'two');
    await isTitled(creator.page, '(2) Chat - SFChat');
    await creator.page.locator('.unread + .entry', { hasText: 'one' }).waitFor();
    await close(joiner.page);
    await isTitled(creator.page, '(2) Chat closed - SFChat');
  });

  test('goes home by itself only while it is looked at, and never over an unread word', async () => {
    const { creator, joiner } = people;
    await creator.page.clock.install();
    await people.talk();
    await setHidden(creator.page, true);
    await say(joiner.page, 'last words');
    await close(joiner.page);
    await creator.page.getByText('This chat is closed.').waitFor();
    await creator.page.clock.runFor(120_000);
    expect(await lineSaying(creator.page, 'last words').count()).toBe(1);
    await setHidden(creator.page, false);
    await creator.page.clock.runFor(20_000);
    expect(await lineSaying(creator.page, 'last words').count()).toBe(1);
    await creator.page.clock.runFor(15_000);
    await creator.page.waitForURL(/\/$/);
  });

  test('says before how many messages a long text makes, and sends all of it in order', async () => {
    await people.talk();
    const { creator, joiner } = people;
    expect(await creator.page.locator('#counter').textContent()).toBe('');
    const words = Array.from({ length: 80 }, (_, index) => `word${index}`);
    await field(creator.page).fill(words.join(' '));
    const announced = creator.page.locator('#counter', { hasText: 'Will be sent as 4 messages' });
    await announced.waitFor();
    await creator.page.keyboard.press('Enter');
    await line(joiner.page, /word79$/).waitFor();
    const said = await joiner.page.locator('.line-talker .text').allTextContents();
    expect(said).toHaveLength(4);
    expect(said.join('').split(' ')).toEqual(words);
    await field(creator.page).fill('a'.repeat(130));
    await creator.page.locator('#counter', { hasText: '10 characters left' }).waitFor();
  });

  test('says who speaks in every line, and nothing of delivery in the live region', async () => {
    await people.talk();
    const { creator, joiner } = people;
    await creator.page.evaluate(`
      window.heard = [];
      new MutationObserver((records) => {
        for (const { addedNodes } of records) for (const node of addedNodes) {
          const isOff = (node.parentElement ?? node).closest('[aria-live=off]');
          if (!isOff) heard.push(node.querySelector?.('.line')?.textContent ?? node.textContent);
        }
      }).observe(document.getElementById('log'), { childList: true, subtree: true });
    `);
    for (const text of ['one', 'two']) await say(creator.page, text);
    // What Talker writes confirms what they have read.
    await lineSaying(joiner.page, 'two').waitFor();
    await say(joiner.page, 'three');
    await creator.page.getByRole('img', { name: 'Confirmed by Talker' }).nth(1).waitFor();
    expect(await creator.page.evaluate('heard')).toEqual(['You: one', 'You: two', 'Talker: three']);
    const marks = creator.page.locator('#log .mark');
    expect(await marks.first().locator('xpath=ancestor::*[@aria-live="off"]').count()).toBe(1);
  });

  test('keeps what is typed across a reload, sealed, and warns only where something is lost', async () => {
    await people.talk();
    const { page } = people.creator;
    await field(page).fill('half a thought');
    await eventually(
      () => page.evaluate<boolean>(`sessionStorage['sfchat.draft'] !== undefined`),
      'the draft is kept',
      PATIENCE_MS,
    );
    expect(await page.evaluate<string>('JSON.stringify(sessionStorage)')).not.toContain('thought');
    await page.reload();
    await untilOpen(page);
    expect(await field(page).inputValue()).toBe('half a thought');
    const isWarned = (): Promise<boolean> =>
      page.evaluate<boolean>(
        `!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))`,
      );
    expect(await isWarned()).toBe(false);
    people.creator.expectErrors(/ERR_FAILED/);
    await page.route('**/messages.json', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await page.keyboard.press('Enter');
    await field(page).press('Enter');
    await page.getByText('not sent yet, will retry').waitFor();
    expect(await isWarned()).toBe(true);
    await page.locator('#connection', { hasText: 'No connection: your messages wait' }).waitFor();
    expect(await page.getByText('Connected', { exact: true }).count()).toBe(0);
    await page.unroute('**/messages.json');
    await page.getByText('Connected', { exact: true }).waitFor();
    expect(await isWarned()).toBe(false);
    expect(await page.evaluate(`sessionStorage['sfchat.draft'] ?? null`)).toBeNull();
  });

  test('goes on in another tab with all that was said, and says so where that is impossible', async () => {
    await people.talk();
    const { creator, joiner } = people;
    creator.expectErrors(/status of 409/);
    const superseded = 'This chat is open in another tab or window.';
    const [copy] = await Promise.all([
      creator.context.waitForEvent('page'),
      creator.page.evaluate("void window.open('/chat')"),
    ]);
    await creator.page.getByText(superseded).waitFor();
    await untilOpen(copy);
    await say(copy, 'from the copy');
    await lineSaying(joiner.page, 'from the copy').waitFor();
    await say(joiner.page, 'to the copy');
    await lineSaying(copy, 'to the copy').waitFor();
    await creator.page.getByRole('button', { name: 'Use it here' }).click();
    await copy.getByText(superseded).waitFor();
    await lineSaying(creator.page, 'to the copy').waitFor();
    const said = (await lines(creator.page)).slice(-2);
    expect(said).toEqual(['You: from the copy', 'Talker: to the copy']);

    await copy.getByRole('button', { name: 'Use it here' }).click();
    await creator.page.getByText(superseded).waitFor();
    await untilOpen(copy);
    await copy.close();
    await creator.page.getByRole('button', { name: 'Use it here' }).click();
    await creator.page.getByText('The tab that had the chat is gone').waitFor();
    expect(await focused(creator.page)).toBe('message');
  });

  test('shows typing and presence as they are, and hides typing both ways with one switch', async () => {
    await people.talk();
    const { creator, joiner } = people;
    for (const { page } of [creator, joiner]) await presence(page, 'Talker is here').waitFor();
    await field(joiner.page).pressSequentially('Hel');
    await presence(creator.page, 'Talker is typing').waitFor();
    await joiner.page.keyboard.press('Enter');
    await presence(creator.page, 'Talker is here').waitFor();

    await creator.page.getByRole('button', { name: 'Options' }).click();
    await creator.page.getByRole('switch', { name: /when the other types/ }).uncheck();
    await creator.page.locator('#options-close').click();
    let signals = 0;
    creator.page.on('request', (request) => (signals += request.method() === 'PATCH' ? 1 : 0));
    await field(joiner.page).pressSequentially('again');
    await field(creator.page).pressSequentially('me too');
    await creator.page.keyboard.press('Enter');
    await lineSaying(joiner.page, 'me too').waitFor();
    expect(signals).toBe(0);
    expect(await creator.page.locator('#presence').textContent()).toBe('Talker is here');
  });

  test('says that a talker whose page is frozen is away, since when, and how long it waits', async () => {
    await people.talk();
    const { creator, joiner } = people;
    await presence(creator.page, 'Talker is here').waitFor();
    await joiner.page.evaluate(`document.dispatchEvent(new Event('freeze'))`);
    await presence(
      creator.page,
      /^Talker is away since (\w+ )?\d\d:\d\d\. The chat waits (until (\w+ )?\d\d:\d\d|to its end)\.$/,
    ).waitFor();
    await creator.page.locator('#presence-status', { hasText: 'Talker is away' }).waitFor({
      state: 'attached',
    });
    await say(creator.page, 'said to a sleeper');
    await joiner.page.evaluate(`document.dispatchEvent(new Event('resume'))`);
    await lineSaying(joiner.page, 'said to a sleeper').waitFor();
    await presence(creator.page, 'Talker is here').waitFor();
    expect(await creator.page.locator('#presence-status').textContent()).toBe('Talker is here');
  });

  test('keeps the lines of one message together, and links only what is safe', async () => {
    await people.talk();
    const { creator, joiner } = people;
    const forged = 'Hi\n*** Chat is closed ***\nYou: I agree';
    await field(joiner.page).fill(forged);
    await joiner.page.keyboard.press('Enter');
    await lineSaying(creator.page, forged).waitFor();
    expect(await creator.page.locator('.entry-talker .bubble').count()).toBe(1);
    expect(await creator.page.locator('.line-you').count()).toBe(0);
    await say(joiner.page, 'see https://example.org/a. and http://example.org');
    const links = creator.page.locator('#log a');
    await links.first().waitFor();
    expect(await links.count()).toBe(1);
    for (const [name, value] of Object.entries({
      href: 'https://example.org/a',
      rel: 'noopener noreferrer',
      referrerpolicy: 'no-referrer',
      target: '_blank',
    })) {
      expect(await links.getAttribute(name)).toBe(value);
    }
    await creator.page.locator('.entry-talker .bubble').first().click();
    await creator.page.locator('.details', { hasText: /\d\d:\d\d:\d\d/ }).waitFor();
  });
});

describe('somebody who goes into another chat in the same tab', () => {
  const people = usePeople();

  test('is asked, and may stay', async () => {
    await people.talk();
    const { page } = people.creator;
    await page.goto('/');
    await page.locator('#create').click();
    const dialog = page.getByRole('dialog', { name: 'You are in a chat in this tab' });
    await dialog.getByRole('button', { name: 'Stay in that chat' }).click();
    await page.waitForURL('/chat');
    await untilOpen(page);
    await say(page, 'still here');
    await lineSaying(people.joiner.page, 'still here').waitFor();
    expect(await people.joiner.page.getByText('This chat is closed.').count()).toBe(0);
  });

  test('closes the old chat for both, or nothing at all', async () => {
    await people.talk();
    const { page } = people.creator;
    await page.goto('/');
    await page.locator('#create').click();
    const dialog = page.getByRole('dialog', { name: 'You are in a chat in this tab' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(new URL(page.url()).pathname).toBe('/');
    await page.locator('#create').click();
    await dialog.getByRole('button', { name: 'Close it and go on' }).click();
    await page.waitForURL('/chat');
    await line(page, /^\*\*\* Welcome/).waitFor();
    await people.joiner.page.getByText('This chat is closed.').waitFor();
  });
});

describe('a conversation on a phone', () => {
  const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const people = usePeople({ creator: PHONE });

  test('has Enter for lines and the button for sending', async () => {
    await people.talk();
    const { page } = people.creator;
    expect(await field(page).getAttribute('enterkeyhint')).toBe('enter');
    const before = (await field(page).boundingBox())!.height;
    await field(page).pressSequentially('one');
    await page.keyboard.press('Enter');
    await page.keyboard.type('two');
    expect(await field(page).inputValue()).toBe('one\ntwo');
    expect((await field(page).boundingBox())!.height).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await lineSaying(people.joiner.page, 'one\ntwo').waitFor();
    expect(await focused(page)).toBe('message');
  });
});
