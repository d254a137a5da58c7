import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import {
  launchBrowser,
  newPerson,
  startServer,
  STORY_TIMEOUT,
  type RunningServer,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

describe('the suite, in Chromium', () => {
  let server: RunningServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser();
    ({ page } = await newPerson(browser, server.url));
    await page.goto('/faq');
    const { outputFiles } = await build({
      entryPoints: ['test/browser/crypto-checks.ts'],
      bundle: true,
      format: 'iife',
      globalName: 'checks',
      target: 'es2022',
      write: false,
    });
    await page.evaluate(`${outputFiles[0]?.text ?? ''}; globalThis.checks = checks;`);
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const check = (call: string): Promise<unknown> => page.evaluate(`checks.${call}`);

  test('derives the chat token that the document names', async () => {
    expect(await check('derivedChatToken()')).toBe('ca7e2e12919d5acb37029391');
  });

  test('3,000 texts arrive as they were, in envelopes of one length', async () => {
    expect(await check('roundTrips(3_000)')).toEqual({ lengths: [898], wrong: 0 });
  });

  test('none of 10,000 flipped bits is accepted', async () => {
    expect(await check('acceptedFlips(10_000)')).toBe(0);
  });

  test('1,000 repeats of a message show nothing', async () => {
    expect(await check('eventsOfReplays(1_000)')).toBe(0);
  });

  test('100 servers in the middle without the code complete nothing and read nothing', async () => {
    expect(await check('successesInTheMiddle(100, false)')).toBe(0);
  });

  test('100 servers in the middle with the code never show both the same words', async () => {
    expect(await check('successesInTheMiddle(100, true)')).toBe(0);
  });
});
