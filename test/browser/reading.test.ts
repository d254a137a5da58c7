/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { focused, lineSaying, say, STORY_TIMEOUT, usePeople } from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const isAtEnd = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => {
    const { scrollTop, scrollHeight, clientHeight } = document.getElementById('scroller')!;
    return scrollHeight - clientHeight - scrollTop < 2;
  });

describe('somebody who reads', () => {
  // Less than ten minutes from the beginning on.
  const people = usePeople({ environment: { CHAT_LIFETIME: '595' } });

  test('is not moved while reading further up, and jumps to the newest without losing the field', async () => {
    await people.talk();
    const { creator, joiner } = people;
    const { page } = creator;
    await joiner.page.getByLabel('Your message').fill('many words '.repeat(500));
    await joiner.page.keyboard.press('Enter');
    await page.locator('.line-talker').nth(39).waitFor();
    await isAtEnd(page);
    await page.locator('#scroller').hover();
    await page.mouse.wheel(0, -20_000);
    await page.waitForFunction(() => document.getElementById('scroller')!.scrollTop < 300);
    const field = page.getByLabel('Your message');
    await field.focus();
    const before = await page.evaluate(() => document.getElementById('scroller')!.scrollTop);
    await say(joiner.page, 'the newest');
    const jump = page.getByRole('button', { name: 'New messages' });
    await jump.waitFor();
    expect(await page.evaluate(() => document.getElementById('scroller')!.scrollTop)).toBe(before);
    await jump.click();
    await isAtEnd(page);
    expect(await focused(page)).toBe('message');
    expect(await jump.isVisible()).toBe(false);
  });

  test('sees a burst of two hundred messages once each and in order', async () => {
    await people.talk();
    const { creator, joiner } = people;
    await joiner.page.evaluate(() => {
      const field = document.getElementById('message') as HTMLTextAreaElement;
      for (let index = 0; index < 200; index += 1) {
        field.value = `number ${index}`;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.form!.requestSubmit();
      }
    });
    await lineSaying(creator.page, 'number 199').waitFor();
    const texts = await creator.page.locator('.line-talker .text').allTextContents();
    expect(texts).toEqual(Array.from({ length: 200 }, (_unused, index) => `number ${index}`));
    await isAtEnd(creator.page);
  });

  test('sees where another day begins', async () => {
    const { page } = people.creator;
    await page.clock.setSystemTime(new Date('2026-03-01T12:00:00'));
    await people.talk();
    await say(page, 'one day');
    await page.clock.setSystemTime(new Date('2026-03-02T12:00:00'));
    await say(page, 'the next');
    await lineSaying(page, 'the next').waitFor();
    await page.locator('.entry:has-text("one day") + .day + .entry:has-text("the next")').waitFor();
    expect(await page.locator('.day').allTextContents()).toEqual([
      expect.stringMatching(/Monday.*March.*2|Monday.*2.*March/),
    ]);
  });

  test('sees the last ten minutes count down, and hears of them once', async () => {
    await people.talk();
    const { page } = people.creator;
    await page.locator('#expires[data-soon="true"]', { hasText: /^Ends in \d:\d\d$/ }).waitFor();
    const first = await page.locator('#expires').textContent();
    const status = page.locator('#expires-status');
    expect(await status.textContent()).toMatch(/^This chat ends in \d+ minutes?\./);
    const heard = await status.textContent();
    await page.waitForFunction(
      (shown) => document.getElementById('expires')!.textContent !== shown,
      first,
    );
    expect(await status.textContent()).toBe(heard);
  });

  test('is told at the end what is left, and no way leads back into the chat', async () => {
    await people.talk();
    const { creator, joiner } = people;
    await say(joiner.page, 'goodbye');
    await lineSaying(creator.page, 'goodbye').waitFor();
    await joiner.page.locator('#close').click();
    await joiner.page.locator('#close-confirm').click();
    for (const { page } of [creator, joiner]) {
      await page.getByText('On the server: nothing of what was written').waitFor();
      await page.getByText('In this tab: the text above').waitFor();
    }
    const { page } = creator;
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
    await page.getByRole('link', { name: 'Start a new chat' }).click();
    await page.waitForURL('/#create');
    expect(await focused(page)).toBe('create');
    await page.goBack().catch(() => undefined);
    expect(new URL(page.url()).pathname).toBe('/');
    await page.goto('/chat');
    await page.waitForURL('/');
    await joiner.page.reload();
    await joiner.page.waitForURL('/');
    expect(await joiner.page.getByText('goodbye').count()).toBe(0);
  });
});
