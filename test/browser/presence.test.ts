import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import {
  createChat,
  joinChat,
  launchBrowser,
  lineSaying,
  newPerson,
  say,
  setHidden,
  STORY_TIMEOUT,
  untilOpen,
  useStage,
  type Person,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

/** A third of the time for which a server holds a poll as a rule: nobody finds it out by that. */
const LONG_BEFORE_A_HOLD_ENDS_MS = 15_000;

const presence = ({ page }: Person, text: RegExp) =>
  page.locator('#presence').filter({ hasText: text });

/** The processes in which the pages of a browser run. */
async function renderersOf(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

describe('where the other is, while nobody writes', () => {
  const stage = useStage();
  let browser: Browser;
  let creator: Person;
  let joiner: Person;

  beforeEach(async () => {
    browser = await launchBrowser();
    creator = await stage.enter();
    joiner = await newPerson(browser, stage.server.url);
    await joinChat(joiner, await createChat(creator));
    await untilOpen(creator.page);
    await presence(creator, /^Talker is here/).waitFor();
  });

  afterEach(() => browser.close());

  /** Resolves when the page of the joiner polls so that it would be missed soon. */
  const untilWatched = async (): Promise<void> => {
    let polls = 0;
    joiner.page.on('request', (request) => (polls += request.url().includes('hold=') ? 1 : 0));
    await eventually(() => polls > 2, 'the page polls shortly', LONG_BEFORE_A_HOLD_ENDS_MS);
  };

  test.each([false, true])(
    'is told of a page that stands still without a word (hidden: %s)',
    async (hidden) => {
      await setHidden(joiner.page, hidden);
      await untilWatched();
      const renderers = await renderersOf(browser);
      const signal = (name: NodeJS.Signals): void => {
        for (const pid of renderers) process.kill(pid, name);
      };
      signal('SIGSTOP');
      try {
        await presence(creator, /^Talker is away/).waitFor({ timeout: LONG_BEFORE_A_HOLD_ENDS_MS });
      } finally {
        signal('SIGCONT');
      }
      await presence(creator, /^Talker is here/).waitFor();
      await say(creator.page, 'there you are');
      await lineSaying(joiner.page, 'there you are').waitFor();
      expect(joiner.errors).toEqual([]);
    },
  );

  test('is proved to nobody when the other has gone', async () => {
    await untilWatched();
    const long = joiner.page.waitForRequest(/longPolling=true(?!.*hold=)/);
    await creator.page.evaluate(`document.dispatchEvent(new Event('freeze'))`);
    await long;
    await presence(joiner, /^Talker is away/).waitFor();
    expect(joiner.errors).toEqual([]);
  });
});
