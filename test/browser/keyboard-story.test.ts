import type { Page } from 'playwright-core';
import { focused, line, lineSaying, STORY_TIMEOUT, untilOpen, usePeople } from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const SMALL_AND_DARK = {
  viewport: { width: 360, height: 740 },
  colorScheme: 'dark',
} as const;

/** Presses Tab until the element with this id has the focus. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if ((await focused(page)) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`#${id} cannot be reached by Tab`);
}

describe('two people at 360 pixels in the dark, with the keyboard alone', () => {
  const people = usePeople({ creator: SMALL_AND_DARK, joiner: SMALL_AND_DARK });

  test('meet, talk, compare their words, set options and part', async () => {
    const { page: creator } = people.creator;
    const { page: joiner } = people.joiner;
    await creator.goto('/');
    await tabTo(creator, 'create');
    await creator.keyboard.press('Enter');
    await line(creator, /Welcome/).waitFor();
    const code = await creator.locator('#invitation-code').inputValue();

    await joiner.goto('/');
    await tabTo(joiner, 'code');
    await joiner.keyboard.type(code);
    await joiner.keyboard.press('Enter');
    await joiner.waitForURL('/chat');
    for (const page of [creator, joiner]) {
      await untilOpen(page);
      await page.locator('#message:focus').waitFor();
    }

    await joiner.keyboard.type('Hello');
    await joiner.keyboard.press('Enter');
    await lineSaying(creator, 'Hello').waitFor();
    await creator.keyboard.type('Hi, one');
    await creator.keyboard.press('Shift+Enter');
    await creator.keyboard.type('two');
    await creator.keyboard.press('Enter');
    await lineSaying(joiner, 'Hi, one\ntwo').waitFor();

    await tabTo(creator, 'security');
    await creator.keyboard.press('Enter');
    await tabTo(creator, 'words-match');
    await creator.keyboard.press('Enter');
    await creator.locator('#security[data-kind="compared"]').waitFor();
    expect(await focused(creator)).toBe('security');

    await tabTo(creator, 'options');
    await creator.keyboard.press('Enter');
    await tabTo(creator, 'option-sound');
    await creator.keyboard.press('Space');
    expect(await creator.locator('#option-sound').isChecked()).toBe(false);
    await creator.keyboard.press('Escape');
    expect(await focused(creator)).toBe('options');

    await tabTo(creator, 'close');
    await creator.keyboard.press('Enter');
    await tabTo(creator, 'close-confirm');
    await creator.keyboard.press('Enter');
    for (const page of [creator, joiner]) {
      await page.getByText('This chat is closed.').waitFor();
      expect(await focused(page)).toBe('notice-text');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    }
    await tabTo(joiner, 'go-home');
    await joiner.keyboard.press('Enter');
    await joiner.waitForURL(/\/$/);
  });
});
