import type { Page, Request } from 'playwright-core';
import {
  createChat,
  line,
  lines,
  lineSaying,
  say,
  sessionStorageOf,
  STORY_TIMEOUT,
  untilOpen,
  usePeople,
  type Person,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const CHAT = '**/api/v1/chat.json';

interface Losses {
  /** All requests of the method, those whose answer arrives included. */
  readonly requests: readonly Request[];
  /** From now on answers arrive. */
  end(): Promise<void>;
}

/** Lets requests of a method reach the server, and drops so many of their answers. */
async function dropAnswers(page: Page, method: 'POST' | 'PUT', drops = Infinity): Promise<Losses> {
  const requests: Request[] = [];
  let dropped = 0;
  const isMeant = (request: Request): boolean =>
    request.method() === method && request.url().endsWith('/chat.json');
  page.on('request', (request) => {
    if (isMeant(request)) requests.push(request);
  });
  await page.route(CHAT, async (route) => {
    if (!isMeant(route.request()) || dropped >= drops) return route.continue();
    dropped += 1;
    const answer = await route.fetch();
    expect(answer.ok()).toBe(true);
    return route.abort('connectionreset');
  });
  return { requests, end: () => page.unroute(CHAT) };
}

const userTokens = (requests: readonly Request[]): Set<string | undefined> =>
  new Set(requests.map((request) => request.headers()['x-sfc-usertoken']));

describe('a connection that loses answers', () => {
  const people = usePeople();
  let creator: Person;
  let guest: Person;

  beforeEach(() => {
    ({ creator, joiner: guest } = people);
    for (const person of [creator, guest]) person.expectErrors(/net::ERR_CONNECTION_RESET/);
  });

  /** Both talk, and the creator was told of one guest and of nobody else. */
  const expectTalk = async (): Promise<void> => {
    await line(guest.page, '*** Chat is ready to use ***').waitFor();
    await untilOpen(guest.page);
    await say(guest.page, 'here I am');
    await lineSaying(creator.page, 'here I am').waitFor();
    const notices = (await lines(creator.page)).filter((text) => text.startsWith('***'));
    expect(notices).toEqual([
      expect.stringMatching(/Welcome to SFChat/),
      '*** Talker was successfully joined to chat ***',
    ]);
    expect(await lines(guest.page)).toHaveLength(2);
  };

  const pressJoin = async (code: string): Promise<void> => {
    await guest.page.getByLabel('Invitation code').fill(code);
    await guest.page.getByRole('button', { name: 'Join' }).click();
  };

  test('lets the guest in by itself, and raises no alarm', async () => {
    const code = await createChat(creator);
    await guest.page.goto('/');
    const { requests } = await dropAnswers(guest.page, 'PUT', 1);
    await pressJoin(code);
    await guest.page.waitForURL('/chat');
    await expectTalk();
    expect(requests).toHaveLength(2);
    expect(userTokens(requests).size).toBe(1);
    expect(await sessionStorageOf(guest.page)).not.toContain('sfchat.attempts');
  });

  test('lets the guest in after a reload in the middle, which brings back the code', async () => {
    const code = await createChat(creator);
    await guest.page.goto('/');
    const losses = await dropAnswers(guest.page, 'PUT');
    const lost = guest.page.waitForEvent('requestfailed');
    await pressJoin(code);
    await lost;
    await guest.page.reload();
    await losses.end();
    expect(await guest.page.getByLabel('Invitation code').inputValue()).toBe(code);
    await guest.page.getByRole('button', { name: 'Join' }).click();
    await guest.page.waitForURL('/chat');
    await expectTalk();
    expect(userTokens(losses.requests).size).toBe(1);
  });

  test('creates one chat, whose code works', async () => {
    await creator.page.goto('/');
    const { requests } = await dropAnswers(creator.page, 'POST', 1);
    await creator.page.getByRole('button', { name: 'Create chat' }).click();
    await creator.page.waitForURL('/chat');
    expect(userTokens(requests).size).toBe(1);
    const code = await creator.page.getByLabel('Invitation code').inputValue();
    await guest.page.goto('/');
    await pressJoin(code);
    await guest.page.waitForURL('/chat');
    await expectTalk();
  });
});
