import type { Page } from 'playwright-core';
import {
  createChat,
  joinChat,
  line,
  lineSaying,
  say,
  STORY_TIMEOUT,
  untilOpen,
  useStage,
  type Stage,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
const PAGES = ['/', '/faq', '/privacy', '/license', '/no-such-page'];

interface AxNode {
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  properties?: { name: string; value: { value: unknown } }[];
}

const CONTROLS = ['button', 'link', 'textbox', 'checkbox', 'log', 'dialog', 'region'];

/** Roles of the controls that a screen reader could not name. */
async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as unknown as {
    nodes: AxNode[];
  };
  await session.detach();
  const controls = nodes.filter(
    ({ ignored, role }) => !ignored && CONTROLS.includes(role?.value ?? ''),
  );
  expect(controls.length).toBeGreaterThan(0);
  return controls
    .filter(({ name }) => (name?.value ?? '').trim() === '')
    .map(({ role }) => role?.value ?? '');
}

/** Visible buttons, fields and navigation links that a finger could miss. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('button, input, textarea, .button, .brand, nav a')]
      .filter((element) => element.checkVisibility())
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 44 || height < 44;
      })
      .map((element) => element.outerHTML.slice(0, 80))
  `);
}

const widthOf = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth');

/** Fits a narrow screen, has big enough targets, and every control has a name. */
async function expectUsable(page: Page): Promise<void> {
  expect(await widthOf(page)).toBeLessThanOrEqual(320);
  expect(await smallTargets(page)).toEqual([]);
  expect(await namelessControls(page)).toEqual([]);
}

/** Presses Tab until the element with this id has the focus. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    if ((await page.evaluate('document.activeElement?.id')) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`#${id} cannot be reached by Tab`);
}

describe('everybody can use it', () => {
  const stage = useStage();
  const enter: Stage['enter'] = (options) => stage.enter(options);

  test.each(PAGES)('%s fits a narrow phone, in both colour schemes', async (address) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const person = await enter({ ...PHONE, colorScheme });
      person.expectErrors(/status of 404/);
      await person.page.goto(address);
      await expectUsable(person.page);
      expect(await person.page.getByRole('heading', { level: 1 }).count()).toBe(1);
    }
  });

  test('the chat fits a narrow phone, also with words that have no end', async () => {
    const creator = await enter(PHONE);
    const joiner = await enter(PHONE);
    const code = await createChat(creator);
    await expectUsable(creator.page);
    expect(await creator.page.getByRole('button', { name: 'Copy code' }).isVisible()).toBe(true);
    await joinChat(joiner, code);
    const word = 'W'.repeat(140);
    await say(joiner.page, word);
    await lineSaying(creator.page, word).waitFor();
    await expectUsable(creator.page);
  });

  test('the keyboard of a phone does not cover the message field', async () => {
    const { page } = await enter(PHONE);
    // Before somebody has joined, nothing can be written and no keyboard opens.
    await joinChat({ page }, await createChat(await enter(PHONE)));
    await page.setViewportSize({ width: 320, height: 300 });
    const box = await page.getByRole('button', { name: 'Send' }).boundingBox();
    expect(box!.y + box!.height).toBeLessThanOrEqual(300);
  });

  test('create, join and send work with the keyboard alone', async () => {
    const { page: creator } = await enter();
    const { page: joiner } = await enter();
    await creator.goto('/');
    await tabTo(creator, 'create');
    await creator.keyboard.press('Enter');
    await line(creator, /Welcome/).waitFor();
    await tabTo(creator, 'invitation-code');
    const code = await creator.evaluate<string>('String(getSelection())');

    await joiner.goto('/');
    await tabTo(joiner, 'code');
    await joiner.keyboard.type(code);
    await joiner.keyboard.press('Enter');
    await line(joiner, '*** Chat is ready to use ***').waitFor();
    await untilOpen(joiner);
    await tabTo(joiner, 'message');
    await joiner.keyboard.type('by button');
    await joiner.keyboard.press('Tab');
    await joiner.keyboard.press('Enter');
    await lineSaying(creator, 'by button').waitFor();
    await joiner.keyboard.type('by shortcut');
    await joiner.keyboard.press('Control+Enter');
    await lineSaying(creator, 'by shortcut').waitFor();
    expect(await joiner.getByLabel('Your message').inputValue()).toBe('');
  });

  test('the first Tab offers to skip to the content', async () => {
    const { page } = await enter();
    await page.goto('/faq');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  test('an error is announced and the focus goes where it can be mended', async () => {
    const { page } = await enter();
    await page.goto('/');
    await page.getByLabel('Invitation code').fill('short');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('alert').filter({ hasText: 'not an invitation code' }).waitFor();
    const field = page.getByLabel('Invitation code');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate('document.activeElement.id')).toBe('code');
  });

  test('who has scrolled up is not torn away, and is told of new messages', async () => {
    const creator = await enter({ viewport: { width: 400, height: 400 } });
    const joiner = await enter();
    await joinChat(joiner, await createChat(creator));
    for (let count = 0; count < 12; count += 1) await say(joiner.page, `line ${count}`);
    await lineSaying(creator.page, 'line 11').waitFor();
    await creator.page.evaluate('document.getElementById("scroller").scrollTop = 0');
    await say(joiner.page, 'news');
    await creator.page.getByRole('button', { name: 'New messages' }).click();
    const scrolled = 'document.getElementById("scroller").scrollTop > 0';
    expect(await creator.page.evaluate(scrolled)).toBe(true);
    expect(await creator.page.getByRole('button', { name: 'New messages' }).isVisible()).toBe(
      false,
    );
  });

  test('without JavaScript the page says what is missing', async () => {
    for (const address of ['/', '/chat']) {
      const html = await (await fetch(stage.server.url + address)).text();
      expect(html).toMatch(/<noscript>[^]*needs JavaScript[^]*<\/noscript>/);
      // Nothing that would do nothing, and nothing that would put a code into an address.
      expect(html).not.toMatch(/<button(?![^>]*disabled)[^>]*type="submit"/);
    }
  });

  test('an invitation link fills the field, leaves the address bar, and uses nothing up', async () => {
    const creator = await enter();
    const joiner = await enter();
    const code = await createChat(creator);
    const link = await creator.page.getByLabel('Invitation link').inputValue();
    for (let visits = 0; visits < 2; visits += 1) {
      await joiner.page.goto('about:blank');
      await joiner.page.goto(link);
      expect(await joiner.page.getByLabel('Invitation code').inputValue()).toBe(code);
      expect(await joiner.page.evaluate('location.href')).toBe(`${stage.server.url}/`);
    }
    await creator.page.reload();
    await creator.page.getByText('Waiting for Talker to join').waitFor();
  });

  test('the title counts what arrives while nobody looks', async () => {
    const creator = await enter();
    const joiner = await enter();
    await joinChat(joiner, await createChat(creator));
    await setHidden(creator.page, true);
    await say(joiner.page, 'one');
    await say(joiner.page, 'two');
    await lineSaying(creator.page, 'two').waitFor();
    expect(await creator.page.title()).toBe('(2) Chat - SFChat');
    await setHidden(creator.page, false);
    expect(await creator.page.title()).toBe('Chat - SFChat');
  });
});

/** Chromium without a window is never hidden; this is what a hidden page would see. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${String(hidden)} });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
