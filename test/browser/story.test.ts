import { eventually } from '../support/eventually.ts';
import type { Browser, Page } from 'playwright-core';
import {
  createChat,
  joinChat,
  launchWholeBrowser,
  line,
  lines,
  lineSaying,
  newPerson,
  say,
  sessionStorageOf,
  startServer,
  STORY_TIMEOUT,
  type Person,
  type RunningServer,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const FORMS = { encrypted: /^[g-z]\w{3}( \w{4}){5}$/, plain: /^[0-9a-f]{24}$/ };

let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  server = await startServer();
  browser = await launchWholeBrowser();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

describe.each(['encrypted', 'plain'] as const)('two people talk, %s', (kind) => {
  let creator: Person;
  let joiner: Person;
  let code: string;

  beforeAll(async () => {
    creator = await newPerson(browser, server.url);
    joiner = await newPerson(browser, server.url);
  });

  afterAll(async () => {
    for (const { context } of [creator, joiner]) await context.close();
  });

  test('the creator gets a code, and can send nothing before the talker has joined', async () => {
    code = await createChat(creator, kind);
    expect(code).toMatch(FORMS[kind]);
    const what = kind === 'plain' ? `code: ${code}` : 'the invitation';
    expect(await lines(creator.page)).toEqual([
      `*** Welcome to SFChat! Please send ${what} to Talker ***`,
    ]);
    await creator.page.getByText('Waiting for Talker to join').waitFor();
    const keys = { encrypted: 'Keys: when Talker joins', plain: 'Not encrypted' }[kind];
    await creator.page.locator('#security').getByText(keys).waitFor();
    await creator.page.getByText('You can send as soon as Talker has joined.').waitFor();
    expect(await creator.page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    const field = creator.page.getByLabel('Your message');
    expect(await field.isEnabled()).toBe(kind === 'plain');
  });

  test('what is typed too early stays in the field of a plain chat', async () => {
    const field = creator.page.getByLabel('Your message');
    const early = (await field.isEnabled()) ? 'too early' : '';
    if (early !== '') await field.fill(early);
    await creator.page.keyboard.press('Control+Enter');
    expect(await field.inputValue()).toBe(early);
    if (early !== '') await field.fill('');
  });

  test('the joiner joins with the code, typed in capitals and groups', async () => {
    await joinChat(joiner, code.toUpperCase().replace(/.{4}/g, '$& '));
    await line(creator.page, '*** Talker was successfully joined to chat ***').waitFor();
    expect(await lines(joiner.page)).toEqual(['*** Chat is ready to use ***']);
    await creator.page.getByText('Talker is here').waitFor();
    expect(await creator.page.locator('#invitation').isVisible()).toBe(false);
  });

  test('nobody else can join', async () => {
    const third = await newPerson(browser, server.url);
    third.expectErrors(/status of 410/);
    await third.page.goto(`/#${code}`);
    expect(await third.page.getByLabel('Invitation code').inputValue()).toBe(code);
    await third.page.getByRole('button', { name: 'Join' }).click();
    await third.page.getByText('This invitation has already been used.').waitFor();
    for (const { page } of [creator, joiner]) {
      await line(page, '*** Someone else tried to use your invitation. ***').waitFor();
    }
    await third.context.close();
  });

  test('both talk: stamps, runs, new lines, markup that stays text', async () => {
    await say(creator.page, 'Hi');
    await say(creator.page, 'again');
    await lineSaying(joiner.page, 'again').waitFor();
    await joiner.page.getByLabel('Your message').fill('two\nlines');
    await joiner.page.getByLabel('Your message').press('Control+Enter');
    await lineSaying(creator.page, 'two\nlines').waitFor();
    await say(creator.page, '<b>not bold</b> &amp; 😀');
    await lineSaying(joiner.page, '<b>not bold</b> &amp; 😀').waitFor();
    const heard = (me: string, other: string): string[] => [
      `${me}: Hi`,
      `${me}: again`,
      `${other}: two\nlines`,
      `${me}: <b>not bold</b> &amp; 😀`,
    ];
    const last = async (page: Page): Promise<string[]> => (await lines(page)).slice(-4);
    expect(await last(creator.page)).toEqual(heard('You', 'Talker'));
    expect(await last(joiner.page)).toEqual(heard('Talker', 'You'));
  });

  test('a reload keeps the conversation, shows nothing twice and goes on', async () => {
    const before = await lines(creator.page);
    await creator.page.reload();
    await creator.page.getByText('Connected', { exact: true }).waitFor();
    expect(await lines(creator.page)).toEqual(before);
    await say(joiner.page, 'still there?');
    await lineSaying(creator.page, 'still there?').waitFor();
    await say(creator.page, 'yes');
    await lineSaying(joiner.page, 'yes').waitFor();
    expect(await lines(creator.page)).toHaveLength(before.length + 2);
  });

  test('a message typed without a connection waits, and arrives exactly once', async () => {
    joiner.expectErrors(/net::ERR_INTERNET_DISCONNECTED/);
    await joiner.context.setOffline(true);
    await joiner.page.getByText(/^Connection lost\. Trying again in \d+ s…$/).waitFor();
    await say(joiner.page, 'written offline');
    await joiner.page.getByText('not sent yet, will retry').waitFor();
    await say(creator.page, 'written meanwhile');
    await joiner.context.setOffline(false);
    await lineSaying(creator.page, 'written offline').waitFor();
    await lineSaying(joiner.page, 'written meanwhile').waitFor();
    await joiner.page.getByText('Connected', { exact: true }).waitFor();
    expect(await joiner.page.getByText('not sent yet, will retry').count()).toBe(0);
    await say(joiner.page, 'after that');
    await lineSaying(creator.page, 'after that').waitFor();
    expect(await lineSaying(creator.page, 'written offline').count()).toBe(1);
    expect(await lineSaying(joiner.page, 'written meanwhile').count()).toBe(1);
  });

  test('a message typed without a connection survives a reload', async () => {
    await joiner.page.route('**/api/v1/messages.json', (route) =>
      route.request().method() === 'POST' ? route.abort('internetdisconnected') : route.continue(),
    );
    await say(joiner.page, 'before the reload');
    await joiner.page.getByText('not sent yet, will retry').waitFor();
    await joiner.page.unroute('**/api/v1/messages.json');
    await joiner.page.reload();
    await lineSaying(creator.page, 'before the reload').waitFor();
    await joiner.page.getByText('Connected', { exact: true }).waitFor();
    expect(await lineSaying(joiner.page, 'before the reload').count()).toBe(1);
    expect(await joiner.page.getByText('not sent yet, will retry').count()).toBe(0);
  });

  test('a message whose answer got lost arrives exactly once', async () => {
    let requests = 0;
    await joiner.page.route('**/api/v1/messages.json', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      requests += 1;
      if (requests > 1) return route.continue();
      await route.fetch();
      return route.abort('internetdisconnected');
    });
    await say(joiner.page, 'twice on the way');
    await lineSaying(creator.page, 'twice on the way').waitFor();
    await say(joiner.page, 'then this');
    await lineSaying(creator.page, 'then this').waitFor();
    await joiner.page.getByText('not sent yet, will retry').waitFor({ state: 'detached' });
    await joiner.page.unroute('**/api/v1/messages.json');
    expect(requests).toBeGreaterThan(1);
    expect(await lineSaying(creator.page, 'twice on the way').count()).toBe(1);
  });

  test('a duplicated tab takes over, and the older one says so and can take it back', async () => {
    creator.expectErrors(/status of 409/);
    const [copy] = await Promise.all([
      creator.context.waitForEvent('page'),
      creator.page.evaluate("void window.open('/chat')"),
    ]);
    const superseded = 'This chat is open in another tab or window. This one has stopped.';
    await creator.page.getByText(superseded).waitFor();
    expect(await creator.page.getByLabel('Your message').isDisabled()).toBe(true);
    await say(copy, 'from the copy');
    await lineSaying(joiner.page, 'from the copy').waitFor();

    // A poll that the copy begins in the same moment is the newer one: whoever sees that presses again.
    await eventually(
      async () => {
        const takeBack = creator.page.getByRole('button', { name: 'Use it here' });
        if (await takeBack.isVisible()) await takeBack.click();
        return copy.getByText(superseded).isVisible();
      },
      'the older tab has the chat again',
      30_000,
    );
    await say(joiner.page, 'to the original');
    await lineSaying(creator.page, 'to the original').waitFor();
    await say(creator.page, 'from the original');
    await lineSaying(joiner.page, 'from the original').waitFor();
    expect(await lineSaying(copy, 'to the original').count()).toBe(0);
    await copy.close();
  });

  test('home offers the way back to the chat of the tab', async () => {
    const before = await lines(creator.page);
    await creator.page.goto('/');
    await creator.page.getByRole('link', { name: 'Go back to your chat' }).click();
    await creator.page.getByText('Connected', { exact: true }).waitFor();
    expect(await lines(creator.page)).toEqual(before);
  });

  test('text that was typed when the chat ended stays for the one who typed it', async () => {
    const one = await newPerson(browser, server.url);
    const other = await newPerson(browser, server.url);
    await joinChat(other, await createChat(one, kind));
    await other.page.getByLabel('Your message').fill('not finished');
    await one.page.getByRole('button', { name: 'Close chat' }).click();
    await one.page.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
    await other.page.getByText('This chat is closed.').waitFor();
    await one.page.getByText('This chat is closed.').waitFor();
    expect(await one.page.getByLabel('Your message').isVisible()).toBe(false);
    expect(await other.page.getByLabel('Your message').inputValue()).toBe('not finished');
    expect(await other.page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    for (const { context, errors } of [one, other]) {
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  test('closing asks once, tells both, leads both home and leaves nothing in the tabs', async () => {
    // A chat is removed with its last message; who asks for its state in that moment hears 401.
    for (const person of [creator, joiner]) person.expectErrors(/status of 401/);
    await creator.page.getByRole('button', { name: 'Close chat' }).click();
    const dialog = creator.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Keep talking' }).click();
    await creator.page.getByRole('button', { name: 'Close chat' }).click();
    await dialog.getByRole('button', { name: 'Close chat' }).click();
    await line(creator.page, /successfully closed\. \*\*\*$/).waitFor();
    await line(joiner.page, /successfully closed by Talker\. \*\*\*$/).waitFor();
    for (const { page } of [creator, joiner]) {
      await page.getByText(/^This page goes home in \d+ s\.$/).waitFor();
      expect(await sessionStorageOf(page)).toBe('{}');
      await page.getByRole('link', { name: 'Back to home' }).click();
      await page.waitForURL(/\/$/);
      await page.goBack().catch(() => undefined);
      expect(new URL(page.url()).pathname).toBe('/');
    }
  });

  test('a chat that was removed is over for a tab that comes back to it', async () => {
    const alone = await newPerson(browser, server.url);
    await createChat(alone, kind);
    const stored = await sessionStorageOf(alone.page);
    const token = /"userToken\\":\\"([0-9a-f]{24})/.exec(stored)?.[1] ?? '';
    expect(token).not.toBe('');
    await alone.page.evaluate(
      `for (const key of Object.keys(sessionStorage)) {
         sessionStorage[key] = sessionStorage[key].replaceAll('${token}', '${'0'.repeat(24)}');
       }`,
    );
    alone.expectErrors(/status of 401/);
    await alone.page.reload();
    await alone.page.getByText('This chat has ended or was removed.').waitFor();
    expect(await sessionStorageOf(alone.page)).toBe('{}');
    expect(alone.errors).toEqual([]);
    await alone.context.close();
  });

  test('nothing went wrong on the way: no errors, no reports, no token in an address', () => {
    for (const { errors, addresses } of [creator, joiner]) {
      expect(errors).toEqual([]);
      expect(addresses.filter((address) => address.includes('csp-report'))).toEqual([]);
      expect(addresses.filter((address) => /[0-9a-f]{24}/i.test(address))).toEqual([]);
      expect(addresses.filter((address) => !address.startsWith(server.url))).toEqual([]);
    }
  });
});

describe('somebody alone', () => {
  let person: Person;

  beforeEach(async () => {
    person = await newPerson(browser, server.url);
  });

  afterEach(async () => {
    await person.context.close();
    if (person.errors.length > 0) throw new Error(person.errors.join('; '));
  });

  test('a code that was mistyped is refused with a sentence, at the field', async () => {
    await person.page.goto('/');
    const field = person.page.getByLabel('Invitation code');
    const alert = person.page.locator('#join-form').getByRole('alert');
    await field.fill('not a code');
    await field.press('Enter');
    await alert.getByText('This is not an invitation code.').waitFor();
    person.expectErrors(/status of 404/);
    await field.fill('0123456789abcdef01234567');
    await field.press('Enter');
    await alert.getByText('No chat has this code.').waitFor();
    expect(await person.page.evaluate('document.activeElement.id')).toBe('code');
  });

  test('a double click creates one chat', async () => {
    const { page } = person;
    let created = 0;
    page.on('request', (request) => (created += request.method() === 'POST' ? 1 : 0));
    await page.goto('/');
    await page.getByRole('button', { name: 'Create chat' }).dblclick();
    await page.waitForURL('/chat');
    await line(page, /Welcome/).waitFor();
    expect(created).toBe(1);
  });

  test('a browser that refuses to store anything can talk all the same', async () => {
    const { page } = person;
    await page.addInitScript(`
      Object.defineProperty(window, 'sessionStorage', {
        get() { throw new DOMException('refused', 'SecurityError'); },
      });
    `);
    await page.goto('/');
    await page.getByRole('button', { name: 'Create chat' }).click();
    await line(page, /Welcome/).waitFor();
    await page.reload();
    await page.getByText('Waiting for Talker to join').waitFor();
    await page.getByRole('button', { name: 'Close chat' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close chat' }).click();
    await page.getByText('This chat is closed.').waitFor();
    expect(await page.evaluate('history.state')).toBeNull();
  });

  test('a fresh tab knows nothing of the chat and goes home', async () => {
    await createChat(person);
    const fresh = await person.context.newPage();
    await fresh.goto('/chat');
    await fresh.waitForURL(/\/$/);
    expect(await fresh.getByText('You have a chat in this tab').isVisible()).toBe(false);
  });
});
