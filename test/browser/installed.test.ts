/// <reference lib="dom" />
import type { BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import {
  createChat,
  joinChat,
  say,
  lineSaying,
  STORY_TIMEOUT,
  useStage,
  type Person,
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
  const stage = useStage({ ANALYTICS_ID: ID });

  /** Somebody who lets nothing be counted. */
  const enter = async (options: BrowserContextOptions = {}): Promise<Person> => {
    const person = await stage.enter(options);
    await person.context.route('https://www.google-analytics.com/**', (route) => route.abort());
    person.expectErrors(/net::ERR_/);
    return person;
  };

  test('has its shell in the cache, nothing of a chat, and opens without a network', async () => {
    const creator = await enter({ serviceWorkers: 'allow' });
    const joiner = await enter();
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
  });

  test('brings the chat to the front, and no other page, when a notification is pressed', async () => {
    const person = await enter({ serviceWorkers: 'allow', permissions: ['notifications'] });
    const { page, context } = person;
    await page.goto('/');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await createChat(person);
    const other = await context.newPage();
    await other.goto('/');
    const [worker] = context.serviceWorkers();
    // Only a press of a person's may bring a page to the front; this notes which one the worker chose.
    await worker!.evaluate(`
      self.focused = [];
      WindowClient.prototype.focus = function () { self.focused.push(new URL(this.url).pathname); };
    `);
    const left = await worker!.evaluate<number>(`(async () => {
      await registration.showNotification('SFChat');
      const [notification] = await registration.getNotifications();
      dispatchEvent(new NotificationEvent('notificationclick', { notification }));
      return (await registration.getNotifications()).length;
    })()`);
    expect(left).toBe(0);
    const focused = (): Promise<string[]> => worker!.evaluate<string[]>('self.focused');
    await eventually(async () => (await focused()).length > 0, 'the worker brings a page back');
    expect(await focused()).toEqual(['/chat']);
  });

  test('counts who creates and who joins, and nothing else, and never from the chat', async () => {
    const counted: { event: string | null; from: string }[] = [];
    const people = await Promise.all([stage.enter(), stage.enter()]);
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
    // Refused as it should be, and said so.
    creator.errors.splice(0);
  });
});
