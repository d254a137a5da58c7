import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { STORY_TIMEOUT, untilOpen, useStage } from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

/** A small phone, and 1280 by 1024 pixels at 400 %. */
const SIZES = [
  { width: 320, height: 480 },
  { width: 320, height: 256 },
];

const NO_CHAT = 'ghjk mnpq rstv wxyz 0123 4567';

/** Runs in the page: which of the elements are not wholly in sight, or are covered in their middle. */
const OUT_OF_SIGHT = `(selectors) => selectors.filter((selector) => {
  const element = document.querySelector(selector);
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
  const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  const onTop = document.elementFromPoint(left + width / 2, top + height / 2);
  const edges = [top + 1, bottom - 1].map((y) => document.elementFromPoint(left + width / 2, y));
  return width === 0 || !isInside || ![onTop, ...edges].every((hit) => hit !== null && element.contains(hit));
})`;

/** Waits until all of them are in sight, and fails naming those that are not. */
async function expectInSight(page: Page, state: string, ...selectors: string[]): Promise<void> {
  const check = `(${OUT_OF_SIGHT})(${JSON.stringify(selectors)})`;
  const settled = (): Promise<boolean> => page.evaluate<boolean>(`${check}.length === 0`);
  await eventually(settled, state).catch(() => undefined);
  const { width, height } = page.viewportSize() ?? {};
  const missing = await page.evaluate<string[]>(check);
  expect([state, width, height, missing]).toEqual([state, width, height, []]);
}

/** A word that breaks or a row that overflows would make the page wider than the screen. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
}

describe('what matters is in sight on small and on zoomed screens', () => {
  const stage = useStage();

  test.each(['en', 'uk', 'de', 'es', 'ar'])('in %s', async (locale) => {
    const enter = async (): Promise<Page> => {
      const person = await stage.enter({ locale });
      person.expectErrors(/status of 404|net::ERR_/);
      return person.page;
    };
    const [creator, joiner] = [await enter(), await enter()];
    const atEverySize = async (page: Page, look: () => Promise<void>): Promise<void> => {
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await look();
        await expectNoSidewaysScroll(page);
      }
    };

    await creator.goto('/');
    await atEverySize(creator, async () => {
      await creator.locator('#code').fill(NO_CHAT);
      await creator.locator('#join').click();
      await creator.locator('#join[aria-busy="false"]').waitFor();
      await creator.locator('#join-error:not(:empty)').waitFor();
      await expectInSight(creator, 'refused', '#code', '#join', '#join-error');
    });

    await creator.locator('#create').click();
    await creator.locator('#log .line-system').waitFor();
    await atEverySize(creator, () =>
      expectInSight(creator, 'invitation', '#invitation-code', '#copy-code', '#copy-link'),
    );

    const link = await creator.locator('#invitation-link').inputValue();
    await atEverySize(joiner, async () => {
      await joiner.goto('/faq');
      await joiner.goto(link);
      await expectInSight(joiner, 'arrival', '#arrival-join');
    });
    await joiner.locator('#arrival-join').click();
    await untilOpen(creator);
    await untilOpen(joiner);

    await creator.locator('#message').fill('Is anybody there?');
    await creator.locator('#send').click();
    await joiner.locator('.line-talker .text').waitFor();
    await atEverySize(joiner, () =>
      expectInSight(
        joiner,
        'chat',
        '#message',
        '#send',
        '#options',
        '#close',
        '.line-talker .text',
      ),
    );

    await joiner.context().setOffline(true);
    await joiner.locator('#connection[data-kind="waiting"]').waitFor();
    await joiner.locator('#message').fill('Hello?');
    await joiner.locator('#send').click();
    await joiner.locator('.delivery[data-kind="waiting"]').waitFor();
    await atEverySize(joiner, () =>
      expectInSight(joiner, 'no connection', '#connection', '#try-now', '#message', '#send'),
    );
  });
});
