/// <reference lib="dom" />
import type { BrowserContextOptions, Page, Worker } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import {
  createChat,
  joinChat,
  launchWholeBrowser,
  say,
  lineSaying,
  setHidden,
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
  const stage = useStage({ ANALYTICS_ID: ID }, launchWholeBrowser);

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

  /** Somebody with tabs of a browser in which only the worker may notify, as on a phone, and which wants that. */
  const enterWithWorker = async (): Promise<{ person: Person; worker: Worker }> => {
    const person = await enter({ serviceWorkers: 'allow', permissions: ['notifications'] });
    await person.context.addInitScript(() => {
      const refuse = (): never => {
        throw new TypeError('Illegal constructor');
      };
      const requestPermission = (): Promise<string> => Promise.resolve('granted');
      const properties = { permission: 'granted', requestPermission };
      Object.assign(window, { Notification: Object.assign(refuse, properties) });
      // The empty page that a tab begins with has none.
      if (!('serviceWorker' in navigator)) return;
      navigator.serviceWorker.onmessage = () => {
        document.documentElement.dataset['broughtBack'] = 'yes';
      };
    });
    await person.page.goto('/');
    await person.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const [worker] = person.context.serviceWorkers();
    // Only a press of a person's may bring a page to the front or open one; these say what the worker chose.
    await worker!.evaluate(`
      self.opened = [];
      WindowClient.prototype.focus = async function () { this.postMessage('focus'); };
      Clients.prototype.openWindow = async (address) => { self.opened.push(address); };
    `);
    return { person, worker: worker! };
  };

  /** Creates a chat in a tab that is hidden then, and answers its code. */
  const createHidden = async (page: Page): Promise<string> => {
    const code = await createChat({ page });
    await page.locator('#options').click();
    await page.locator('#option-notifications').click();
    await page.locator('#options-close').click();
    await setHidden(page, true);
    return code;
  };

  const shownBy = (worker: Worker): Promise<number> =>
    worker.evaluate<number>('registration.getNotifications().then(({ length }) => length)');

  const untilShown = (worker: Worker, count: number): Promise<void> =>
    eventually(async () => (await shownBy(worker)) === count, `${count} notifications`);

  const pressNewest = (worker: Worker): Promise<unknown> =>
    worker.evaluate(`registration.getNotifications().then((shown) => {
      dispatchEvent(new NotificationEvent('notificationclick', { notification: shown.at(-1) }));
    })`);

  test('brings the chat that a notification is of to the front, and no other', async () => {
    const { person, worker } = await enterWithWorker();
    const [one, two] = [person.page, await person.context.newPage()];
    const codes = [await createHidden(one), await createHidden(two)];
    await joinChat(await enter(), codes[1]!);
    await untilShown(worker, 1);
    await pressNewest(worker);
    await two.locator('html[data-brought-back]').waitFor();
    await untilShown(worker, 0);
    expect(await one.locator('html[data-brought-back]').count()).toBe(0);
    await joinChat(await enter(), codes[0]!);
    await untilShown(worker, 1);
    await pressNewest(worker);
    await one.locator('html[data-brought-back]').waitFor();
    expect(await worker.evaluate('self.opened')).toEqual([]);
  });

  test('takes its notifications away with the tab, and leaves those of others', async () => {
    const { person, worker } = await enterWithWorker();
    const [one, two] = [person.page, await person.context.newPage()];
    for (const page of [one, two]) await joinChat(await enter(), await createHidden(page));
    await untilShown(worker, 2);
    await two.close();
    await untilShown(worker, 1);
    await pressNewest(worker);
    await one.locator('html[data-brought-back]').waitFor();
    expect(await worker.evaluate('self.opened')).toEqual([]);
  });

  test('says what has become of the chat when its tab is gone and its notification is pressed', async () => {
    const { person, worker } = await enterWithWorker();
    await createHidden(person.page);
    // Like that of a tab which the browser has ended, and which could not take it away.
    await worker.evaluate(`registration.showNotification('SFChat', { data: 'nobody' })`);
    await pressNewest(worker);
    const opened = (): Promise<string[]> => worker.evaluate<string[]>('self.opened');
    await eventually(async () => (await opened()).length > 0, 'a page is opened');
    expect(await person.page.locator('html[data-brought-back]').count()).toBe(0);
    const page = await person.context.newPage();
    await page.goto((await opened())[0]!);
    await page.getByText('The chat of that notification is not open any more.').waitFor();
    expect(await page.locator('#join-error').textContent()).toBe('');
    await page.goto('/');
    expect(await page.getByText('The chat of that notification').isVisible()).toBe(false);
  });

  test('takes away what a tab that the browser has ended left, once its page is loaded again', async () => {
    const { person, worker } = await enterWithWorker();
    await createHidden(person.page);
    await worker.evaluate(`registration.showNotification('SFChat', { data: 'nobody' })`);
    expect(await shownBy(worker)).toBe(1);
    await person.page.reload();
    await untilShown(worker, 0);
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
