import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { STORY_TIMEOUT, untilOpen, useStage } from './support.ts';

jest.setTimeout(STORY_TIMEOUT * 2);

const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong on a page, best practices as well, in the light and in the dark. */
async function findingsOn(page: Page, state: string): Promise<string[]> {
  const findings: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = await page.evaluate<string[]>(`window.axe ?? (() => { ${axe} })();
      axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target }) => id + ' ' + target.join(' '))))`);
    findings.push(...found.map((finding) => `${state}, ${colorScheme}: ${finding}`));
  }
  return findings;
}

describe.each(['en', 'ar'])('axe finds nothing, in %s', (locale) => {
  const stage = useStage();

  const enter = async (): Promise<Page> => {
    const person = await stage.enter({ locale, viewport: { width: 360, height: 740 } });
    person.expectErrors(/status of 404|net::ERR_|status of 409/);
    return person.page;
  };

  test('on the pages that are texts', async () => {
    const page = await enter();
    const findings: string[] = [];
    for (const path of ['/faq', '/privacy', '/license', '/nowhere']) {
      await page.goto(path);
      findings.push(...(await findingsOn(page, path)));
    }
    expect(findings).toEqual([]);
  });

  test('on the home page, whatever is typed', async () => {
    const page = await enter();
    const findings: string[] = [];
    await page.goto('/');
    await page.locator('#other-clients summary').click();
    findings.push(...(await findingsOn(page, 'home')));
    await page.goto('/#chat-gone');
    findings.push(...(await findingsOn(page, 'chat gone')));
    await page.locator('#code').fill('no code');
    await page.locator('#join').click();
    findings.push(...(await findingsOn(page, 'refused')));
    await page.locator('#code').fill('0123456789abcdef01234567 or g0123456789abcdefghjkmnp');
    await page.locator('#join').click();
    await page.locator('#which button').first().waitFor();
    findings.push(...(await findingsOn(page, 'several codes')));
    await page.goto('/#0123456789abcdef01234567');
    await page.locator('#arrival-join').waitFor();
    findings.push(...(await findingsOn(page, 'arrival, plain')));
    expect(findings).toEqual([]);
  });

  test('through a whole chat', async () => {
    const [creator, joiner] = [await enter(), await enter()];
    const findings: string[] = [];
    const look = async (page: Page, state: string): Promise<void> => {
      findings.push(...(await findingsOn(page, state)));
    };
    await creator.goto('/');
    await creator.locator('#create').click();
    await creator.locator('#log .line-system').waitFor();
    await creator.locator('#show-qr').click();
    await creator.locator('#qr svg').waitFor();
    await look(creator, 'invitation');
    await joiner.goto(await creator.locator('#invitation-link').inputValue());
    await look(joiner, 'arrival');
    await joiner.locator('#arrival-join').click();
    await untilOpen(creator);
    await untilOpen(joiner);
    for (const page of [creator, joiner]) {
      await page.locator('#message').fill('Hi');
      await page.locator('#send').click();
    }
    await creator.locator('.line-talker').waitFor();
    await creator.locator('#message').fill('half typed');
    await creator.locator('.line-talker').click();
    await creator.locator('.details').waitFor();
    await look(creator, 'talk');
    await creator.context().setOffline(true);
    await creator.locator('#connection[data-kind="waiting"]').waitFor();
    await creator.locator('#send').click();
    await creator.locator('.delivery[data-kind="waiting"]').waitFor();
    await look(creator, 'no connection');
    await creator.context().setOffline(false);
    await creator.locator('#connection[data-kind="connected"]').waitFor();
    await joiner.evaluate("document.dispatchEvent(new Event('freeze'))");
    await creator.locator('#presence[data-kind="away"]').waitFor();
    await look(creator, 'talker away');
    await joiner.evaluate("document.dispatchEvent(new Event('resume'))");
    const [other] = await Promise.all([
      creator.context().waitForEvent('page'),
      creator.evaluate("void window.open('/chat')"),
    ]);
    await untilOpen(other);
    await creator.locator('#use-here').waitFor();
    await look(creator, 'open elsewhere');
    await creator.locator('#use-here').click();
    await untilOpen(creator);
    await other.close();
    await creator.locator('#security').click();
    await creator.locator('#words li').nth(3).waitFor();
    await look(creator, 'words');
    await creator.locator('#security-close').click();
    await creator.locator('#options').click();
    await look(creator, 'options');
    await creator.keyboard.press('Escape');
    await creator.locator('#close').click();
    await look(creator, 'close');
    await creator.locator('#close-confirm').click();
    await joiner.locator('#notice-text').waitFor();
    await look(joiner, 'end');
    expect(findings).toEqual([]);
  });
});
