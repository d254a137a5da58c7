import type { Browser } from 'playwright-core';
import {
  joinChat,
  launchBrowser,
  newPerson,
  say,
  lineSaying,
  startServer,
  STORY_TIMEOUT,
  untilOpen,
  type Person,
  type RunningServer,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

describe('a page that came without https, under a name', () => {
  let server: RunningServer;
  let browser: Browser;
  let creator: Person;
  let joiner: Person;

  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser('--host-resolver-rules=MAP chat.example 127.0.0.1');
    const url = `http://chat.example:${new URL(server.url).port}`;
    creator = await newPerson(browser, url);
    joiner = await newPerson(browser, url);
    // Chromium says that headers which are for https do nothing here.
    for (const person of [creator, joiner]) {
      person.expectErrors(/Cross-Origin-Opener-Policy|Origin-Agent-Cluster/);
    }
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  test('says why nothing can be encrypted, and offers no encrypted chat', async () => {
    await creator.page.goto('/');
    expect(await creator.page.evaluate('typeof crypto.subtle')).toBe('undefined');
    await creator.page.getByText('Encryption is not available at this address').waitFor();
    expect(await creator.page.getByText('end-to-end encrypted').isVisible()).toBe(false);
    expect(await creator.page.getByRole('button', { name: 'Create chat' }).isVisible()).toBe(false);
  });

  test('refuses the code of an encrypted chat with a reason, and asks the server nothing', async () => {
    await joiner.page.goto('/#g0123456789abcdefghjkmnp');
    await joiner.page.getByRole('button', { name: 'Join' }).click();
    await joiner.page.getByRole('alert').getByText('browsers encrypt only').waitFor();
    expect(joiner.addresses.filter((address) => address.includes('/api/'))).toEqual([]);
  });

  test('lets two talk without encryption, under a banner that stays', async () => {
    await creator.page.getByRole('button', { name: 'Create a chat without encryption' }).click();
    await creator.page.waitForURL('/chat');
    const code = await creator.page.getByLabel('Invitation code').inputValue();
    await joinChat(joiner, code);
    await untilOpen(creator.page);
    await say(creator.page, 'Hi');
    await lineSaying(joiner.page, 'Hi').waitFor();
    for (const { page, errors } of [creator, joiner]) {
      await page.getByText('Whoever runs this server can read what the two of you write').waitFor();
      expect(errors).toEqual([]);
    }
  });
});
