/// <reference lib="dom" />
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startFaultyProxy, type Fate, type FaultyProxy } from '../support/faulty-proxy.ts';
import {
  createChat,
  joinChat,
  launchBrowser,
  lineSaying,
  newPerson,
  say,
  startServer,
  STORY_TIMEOUT,
  untilOpen,
  type Person,
  type RunningServer,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const state = (page: Page, text: string | RegExp) =>
  page.locator('#connection').filter({ hasText: text });

const portOf = ({ url }: RunningServer): number => Number(new URL(url).port);

/** What both have said, as the lines of a page name it. */
const said = async (page: Page): Promise<Record<'you' | 'talker', string[]>> => ({
  you: await page.locator('.line-you .text').allTextContents(),
  talker: await page.locator('.line-talker .text').allTextContents(),
});

/** Resolves when the page has asked so many more times for what is new. */
async function untilAsked(page: Page, times: number): Promise<void> {
  for (let asked = 0; asked < times; asked += 1)
    await page.waitForRequest(/longPolling=true/, { timeout: 20_000 });
}

describe('a network and a server that fail under two pages', () => {
  let directory: string;
  let server: RunningServer;
  let proxy: FaultyProxy;
  let browser: Browser;
  let creator: Person;
  let joiner: Person;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sfchat-outage-'));
    server = await startServer({ DATA_DIR: directory });
    proxy = await startFaultyProxy();
    proxy.upstreams = [portOf(server)];
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await proxy.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    creator = await newPerson(browser, proxy.origin);
    joiner = await newPerson(browser, proxy.origin);
    await joinChat(joiner, await createChat(creator));
    await untilOpen(creator.page);
    for (const person of [creator, joiner]) person.expectErrors(/net::ERR_|status of 503/);
  });

  afterEach(async () => {
    proxy.fate = () => 'pass';
    for (const { context, errors } of [creator, joiner]) {
      await context.close();
      if (errors.length > 0) throw new Error(`Unexpected in the console: ${errors.join('; ')}`);
    }
  });

  test('a server that was killed is noticed before the next try was due, and all arrives once', async () => {
    await say(creator.page, 'before');
    await lineSaying(joiner.page, 'before').waitFor();
    await server.kill();
    await say(creator.page, 'meanwhile, from one');
    await say(joiner.page, 'meanwhile, from the other');
    for (const { page } of [creator, joiner]) {
      await state(page, /Trying again in \d+ s/).waitFor();
      expect(await page.getByText('Connected', { exact: true }).count()).toBe(0);
    }

    server = await startServer({ DATA_DIR: directory });
    // So long a pause that only looking for the server in between explains what follows.
    const isLong = /in (1\d|2\d) s/;
    await state(creator.page, isLong).waitFor({ timeout: 60_000 });
    const [, seconds] = isLong.exec((await state(creator.page, '').textContent()) ?? '') ?? [];
    const promised = Date.now() + (Number(seconds ?? 10) - 1) * 1_000;
    proxy.upstreams = [portOf(server)];
    await state(creator.page, 'Connected').waitFor();
    expect(Date.now()).toBeLessThan(promised);

    await state(joiner.page, 'Connected').waitFor();
    await say(creator.page, 'after');
    await lineSaying(joiner.page, 'after').waitFor();
    await lineSaying(creator.page, 'meanwhile, from the other').waitFor();
    const [one, other] = [
      ['before', 'meanwhile, from one', 'after'],
      ['meanwhile, from the other'],
    ];
    expect(await said(creator.page)).toEqual({ you: one, talker: other });
    expect(await said(joiner.page)).toEqual({ you: other, talker: one });
    const underWay = '.mark:not([data-kind="delivered"], [data-kind="confirmed"])';
    for (const { page } of [creator, joiner]) {
      await page.locator(underWay).first().waitFor({ state: 'detached' });
    }
  });

  test('requests that are cut and answers that are lost neither lose nor double anything', async () => {
    const fates: readonly Fate[] = ['pass', 'lose answer', 'pass', 'cut', 'lose answer'];
    let requests = 0;
    proxy.fate = () => fates[(requests += 1) % fates.length] ?? 'pass';
    const texts = Array.from({ length: 8 }, (_unused, index) => `text ${index}`);
    for (const text of texts) {
      await say(creator.page, text);
      await say(joiner.page, text);
    }
    proxy.fate = () => 'pass';
    for (const { page } of [creator, joiner]) {
      await page
        .locator('.line-talker .text')
        .nth(texts.length - 1)
        .waitFor();
      await state(page, 'Connected').waitFor();
    }
    // How many there were depends on how many messages went together.
    expect(proxy.spoiled).toBeGreaterThan(texts.length / 2);
    for (const { page } of [creator, joiner]) {
      expect(await said(page)).toEqual({ you: texts, talker: texts });
      expect(await page.locator('.line-notice.is-warning').count()).toBe(0);
    }
  });

  test('a line with 1.5 s of latency shows nobody away who talks', async () => {
    for (const { context, page } of [creator, joiner]) {
      const session = await context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 1_500,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
      await page.evaluate(() => {
        const presence = document.getElementById('presence')!;
        const seen = [presence.textContent];
        Object.assign(window, { seen });
        new MutationObserver(() => seen.push(presence.textContent)).observe(presence, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      });
    }
    for (let round = 0; round < 2; round += 1) {
      await say(creator.page, `question ${round}`);
      await lineSaying(joiner.page, `question ${round}`).waitFor();
      await say(joiner.page, `answer ${round}`);
      await lineSaying(creator.page, `answer ${round}`).waitFor();
    }
    // And then nobody writes, but their pages come and go.
    await Promise.all([creator, joiner].map(({ page }) => untilAsked(page, 5)));
    for (const { page } of [creator, joiner]) {
      const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
      expect(seen.filter((text) => !/^Talker is (here|typing…)$/.test(text))).toEqual([]);
    }
  });

  test('a network that comes back is used at once, not when the next try is due', async () => {
    const { page, context } = creator;
    await context.setOffline(true);
    const isLong = /in ([89]|\d\d) s/;
    await state(page, isLong).waitFor({ timeout: 60_000 });
    await say(joiner.page, 'are you there?');
    const [, seconds] = isLong.exec((await state(page, '').textContent()) ?? '') ?? [];
    const promised = Date.now() + (Number(seconds ?? 8) - 1) * 1_000;
    await context.setOffline(false);
    await state(page, 'Connected').waitFor();
    expect(Date.now()).toBeLessThan(promised);
    await lineSaying(page, 'are you there?').waitFor();
  });

  test('a machine that slept asks at once, although no event tells of it', async () => {
    const { page } = creator;
    await page.clock.install();
    await page.reload();
    await untilOpen(page);
    await state(page, 'Connected').waitFor();
    const held = page.waitForRequest(/longPolling=true/);
    await say(joiner.page, 'good night');
    await lineSaying(page, 'good night').waitFor();
    await held;
    const asked = page.waitForRequest(/longPolling=false/);
    // Like a lid that was closed for a while.
    await page.clock.fastForward(30_000);
    await asked;
    await say(joiner.page, 'good morning');
    await lineSaying(page, 'good morning').waitFor();
    expect(await lineSaying(page, 'good morning').count()).toBe(1);
  });
});
