import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page, Request } from 'playwright-core';
import {
  createChat,
  joinChat,
  launchWholeBrowser,
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

const CANARIES = ['canary-of-the-creator-5150', 'canary-of-the-joiner-7272'] as const;

/** Everything that IndexedDB holds, as one text; keys that cannot be exported are empty objects. */
const indexedDbOf = (page: Page): Promise<string> =>
  page.evaluate<string>(`(async () => {
    const found = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of database.objectStoreNames) {
        const request = database.transaction(store).objectStore(store).getAll();
        found.push(...await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); }));
      }
      database.close();
    }
    return JSON.stringify(found, (_key, value) =>
      value instanceof CryptoKey ? { extractable: value.extractable } : value);
  })()`);

const sessionOf = (page: Page): Promise<string> =>
  page.evaluate<string>('JSON.stringify(sessionStorage) + JSON.stringify(history.state)');

async function recordOf(request: Request): Promise<string> {
  const answer = await request.response().catch(() => null);
  const body = await answer?.text().catch(() => '');
  return JSON.stringify([request.url(), await request.allHeaders(), request.postData(), body]);
}

describe('a text that two people type', () => {
  let dataDir: string;
  let server: RunningServer;
  let browser: Browser;
  let creator: Person;
  let joiner: Person;
  let code: string;
  const records: Promise<string>[] = [];

  beforeAll(async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-canary-'));
    server = await startServer({ DATA_DIR: dataDir, LOG_LEVEL: 'trace' });
    browser = await launchWholeBrowser();
    creator = await newPerson(browser, server.url);
    joiner = await newPerson(browser, server.url);
    for (const { context } of [creator, joiner]) {
      context.on('requestfinished', (request) => records.push(recordOf(request)));
    }
    code = (await createChat(creator)).replaceAll(' ', '');
    await joinChat(joiner, code);
    await untilOpen(creator.page);
    // The talker is away, so that the text waits in the database.
    joiner.expectErrors(/ERR_INTERNET_DISCONNECTED/);
    await joiner.context.setOffline(true);
    await say(creator.page, CANARIES[0]);
    await creator.page.getByRole('img', { name: /^Sent/ }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });

  const database = (): Buffer =>
    Buffer.concat(
      readdirSync(dataDir, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => readFileSync(path.join(dataDir, name))),
    );
  const secrets = (): string[] => [...CANARIES, code];

  test('is nowhere in the database while it waits there', () => {
    expect(database().includes('sfc1.m.')).toBe(true);
    expect(secrets().filter((secret) => database().includes(secret))).toEqual([]);
  });

  test('arrives all the same', async () => {
    await joiner.context.setOffline(false);
    await lineSaying(joiner.page, CANARIES[0]).waitFor();
    await say(joiner.page, CANARIES[1]);
    await lineSaying(creator.page, CANARIES[1]).waitFor();
    expect(await lineSaying(joiner.page, CANARIES[0]).count()).toBe(1);
  });

  test('is readable nowhere in the browser while they talk, and no key can be exported', async () => {
    for (const { page } of [creator, joiner]) {
      const kept = [await sessionOf(page), await indexedDbOf(page)];
      expect(secrets().filter((secret) => kept.join().includes(secret))).toEqual([]);
      expect(kept[1]).toContain('"extractable":false');
      expect(kept[1]).not.toContain('"extractable":true');
    }
  });

  test('leaves nothing in the browsers when the chat is closed', async () => {
    await creator.page.getByRole('button', { name: 'Close chat' }).click();
    await creator.page.locator('#close-confirm').click();
    for (const { page } of [creator, joiner]) {
      await page.getByText('This chat is closed.').waitFor();
      expect(await sessionOf(page)).toBe('{}null');
      expect(await indexedDbOf(page)).toBe('[]');
    }
  });

  test('was in no request, no answer, no log and no address; nor was the code', async () => {
    const traffic = (await Promise.all(records)).join();
    expect(traffic).toContain('sfc1.m.');
    const seen = [traffic, server.log(), ...creator.addresses, ...joiner.addresses].join();
    expect(secrets().filter((secret) => seen.includes(secret))).toEqual([]);
    for (const { page, errors } of [creator, joiner]) {
      expect(await page.evaluate('location.href')).toBe(`${server.url}/chat`);
      expect(errors).toEqual([]);
    }
  });
});

describe('an invitation link', () => {
  test('leaves the address bar and the history, and reaches no server', async () => {
    const server = await startServer();
    const browser = await launchWholeBrowser();
    const { page, addresses } = await newPerson(browser, server.url);
    const requests: string[] = [];
    page.on('request', (request) => {
      requests.push(request.url().replace(/#.*/, '') + JSON.stringify(request.headers()));
    });
    await page.goto('/#g0123456789abcdefghjkmnp');
    expect(await page.getByLabel('Invitation code').inputValue()).toBe(
      'g012 3456 789a bcde fghj kmnp',
    );
    expect(await page.evaluate('location.href')).toBe(`${server.url}/`);
    expect(requests.join()).not.toContain('g0123456789abcdefghjkmnp');
    expect(addresses.length).toBeGreaterThan(0);
    await browser.close();
    await server.stop();
  });
});
