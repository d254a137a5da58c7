/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import {
  createChat,
  joinChat,
  launchBrowser,
  newPerson,
  say,
  lineSaying,
  startServer,
  STORY_TIMEOUT,
  type RunningServer,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const ID = 'G-AB12CD34EF';

/** Everything in the caches of a page's origin, by path. */
const cached = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const found = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return found.flat().map(({ url }) => new URL(url).pathname);
  });

describe('a page that is kept by the browser, on a server that counts', () => {
  let server: RunningServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ ANALYTICS_ID: ID });
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  test('has its shell in the cache, nothing of a chat, and opens without a network', async () => {
    const creator = await newPerson(browser, server.url, { serviceWorkers: 'allow' });
    const joiner = await newPerson(browser, server.url);
    for (const { context } of [creator, joiner]) {
      await context.route('https://www.google-analytics.com/**', (route) => route.abort());
    }
    for (const person of [creator, joiner]) person.expectErrors(/net::ERR_/);
    const { page, context } = creator;
    await page.goto('/');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await joinChat(joiner, await createChat(creator));
    await say(joiner.page, 'not for a cache');
    await lineSaying(page, 'not for a cache').waitFor();
    const paths = await cached(page);
    expect(paths).toEqual(expect.arrayContaining(['/', '/chat']));
    expect(paths.filter((path) => path.startsWith('/assets/')).length).toBeGreaterThan(2);
    expect(paths.filter((path) => /^\/(api|healthz|admin|metrics)/.test(path))).toEqual([]);
    await page.locator('#close').click();
    await page.locator('#close-confirm').click();
    await page.getByText('This chat is closed.').waitFor();
    await context.setOffline(true);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Two people, one code, no history' }).waitFor();
    await page.locator('#create:enabled').waitFor();
    for (const one of [creator, joiner]) await one.context.close();
    expect([...creator.errors, ...joiner.errors]).toEqual([]);
  });

  test('counts who creates and who joins, and nothing else, and never from the chat', async () => {
    const counted: { event: string | null; from: string }[] = [];
    const people = await Promise.all([
      newPerson(browser, server.url),
      newPerson(browser, server.url),
    ]);
    const [creator, joiner] = people;
    for (const { page, context } of people) {
      await context.route('https://www.google-analytics.com/**', async (route) => {
        const { searchParams } = new URL(route.request().url());
        counted.push({ event: searchParams.get('en'), from: new URL(page.url()).pathname });
        expect([...searchParams.keys()].sort()).toEqual(['cid', 'en', 'tid', 'v']);
        await route.fulfill({ status: 204 });
      });
    }
    await joinChat(joiner, await createChat(creator));
    await say(joiner.page, 'uncounted');
    await lineSaying(creator.page, 'uncounted').waitFor();
    expect(counted.map(({ event }) => event)).toEqual(['create', 'join']);
    const blocked = await creator.page.evaluate(async (host) => {
      const violation = new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ blockedURI }) => {
          resolve(blockedURI);
        });
      });
      void fetch(host, { mode: 'no-cors' }).catch(() => undefined);
      return violation;
    }, 'https://www.google-analytics.com/g/collect');
    expect(blocked).toContain('google-analytics.com');
    for (const { context } of people) await context.close();
  });
});
