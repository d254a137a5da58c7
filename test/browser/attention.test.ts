/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import {
  createChat,
  line,
  lineSaying,
  say,
  setHidden,
  STORY_TIMEOUT,
  usePeople,
  joinChat,
  untilOpen,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

/** What a page did to be noticed, and to share; recorded in it. */
interface Recorded {
  sounds: number;
  notifications: { title: string; options: NotificationOptions; click: () => void }[];
  closed: number;
  focused: number;
  shared: ShareData[];
  /** What the worker was asked. */
  byWorker: string[];
}

const recorded = <Value>(page: Page, read: (of: Recorded) => Value): Promise<Value> =>
  page.evaluate(`(${read.toString()})(window.recorded)`);

/** Puts what this machine lacks, and a test could not hear, into the page. */
async function record(page: Page, permission: NotificationPermission): Promise<void> {
  await page.addInitScript((granted) => {
    const recorded: Recorded = {
      sounds: 0,
      notifications: [],
      closed: 0,
      focused: 0,
      shared: [],
      byWorker: [],
    };
    Object.assign(window, { recorded });
    window.AudioContext = class extends AudioContext {
      override createOscillator(): OscillatorNode {
        recorded.sounds += 1;
        return super.createOscillator();
      }
    };
    window.focus = () => {
      recorded.focused += 1;
    };
    class StubNotification {
      static permission = 'default';
      static requestPermission = (): Promise<string> =>
        Promise.resolve((StubNotification.permission = granted));
      onclick: () => void = () => undefined;
      constructor(title: string, options: NotificationOptions) {
        recorded.notifications.push({
          title,
          options,
          click: () => {
            this.onclick();
          },
        });
      }
      close(): void {
        recorded.closed += 1;
      }
    }
    Object.assign(window, { Notification: StubNotification });
    Object.assign(navigator, {
      canShare: () => true,
      share: (data: ShareData) => {
        recorded.shared.push(data);
        return recorded.shared.length === 1
          ? Promise.resolve()
          : Promise.reject(new DOMException('changed my mind', 'AbortError'));
      },
    });
  }, permission);
}

/** Switches an option of the chat. */
async function turn(page: Page, id: string): Promise<void> {
  await page.locator('#options').click();
  await page.locator(`#${id}`).click();
}

const closeOptions = (page: Page): Promise<void> => page.locator('#options-close').click();

describe('a page that is not looked at', () => {
  const people = usePeople();

  /** Something arrives while the creator's page is hidden. */
  const sayToHidden = async (text: string): Promise<void> => {
    const { creator, joiner } = people;
    await setHidden(creator.page, true);
    await say(joiner.page, text);
    await lineSaying(creator.page, text).waitFor({ state: 'attached' });
    await setHidden(creator.page, false);
  };

  test('sounds, unless that is switched off', async () => {
    const { page } = people.creator;
    await record(page, 'granted');
    await people.talk();
    await page.getByLabel('Your message').click();
    const before = await recorded(page, ({ sounds }) => sounds);
    await say(people.joiner.page, 'while it is looked at');
    await lineSaying(page, 'while it is looked at').waitFor();
    expect(await recorded(page, ({ sounds }) => sounds)).toBe(before);
    await sayToHidden('with a sound');
    const after = await recorded(page, ({ sounds }) => sounds);
    expect(after).toBeGreaterThan(before);
    await turn(page, 'option-sound');
    await closeOptions(page);
    await page.reload();
    await untilOpen(page);
    await page.getByLabel('Your message').click();
    await sayToHidden('in silence');
    expect(await recorded(page, ({ sounds }) => sounds)).toBe(0);
  });

  test('notifies where that is wanted and allowed, without a text, and a press brings it back', async () => {
    const { page } = people.creator;
    await record(page, 'granted');
    await people.talk();
    await sayToHidden('nobody asked for notifications');
    expect(await recorded(page, ({ notifications }) => notifications.length)).toBe(0);
    await turn(page, 'option-notifications');
    await closeOptions(page);
    await setHidden(page, true);
    await say(people.joiner.page, 'a secret');
    await lineSaying(page, 'a secret').waitFor({ state: 'attached' });
    const shown = await recorded(page, ({ notifications }) => JSON.stringify(notifications));
    expect(shown).toContain('There is a new message.');
    expect(shown).not.toContain('secret');
    await recorded(page, ({ notifications }) => {
      notifications.at(-1)?.click();
    });
    expect(await recorded(page, ({ focused, closed }) => [focused, closed])).toEqual([1, 1]);
  });

  test('says so where the browser does not allow notifications, and switches them off again', async () => {
    const { page } = people.creator;
    await record(page, 'denied');
    await people.talk();
    await turn(page, 'option-notifications');
    await page.getByText('The browser does not allow notifications of this page.').waitFor();
    expect(await page.locator('#option-notifications').isChecked()).toBe(false);
    await closeOptions(page);
    await sayToHidden('seen later');
    expect(await recorded(page, ({ notifications }) => notifications.length)).toBe(0);
  });

  test('lets the worker notify where a page may not, without a text either', async () => {
    const { page } = people.creator;
    await record(page, 'granted');
    await page.addInitScript(() => {
      Object.assign(window, {
        Notification: class extends Notification {
          constructor(title: string) {
            super(title);
            throw new TypeError('Illegal constructor');
          }
        },
      });
      const { byWorker } = (window as unknown as { recorded: Recorded }).recorded;
      const registration = { active: {} };
      // The server is upgraded after each request: who was replaced hears nothing any more.
      const takeOver = (): void => {
        const active = {
          postMessage(request: unknown) {
            if (registration.active !== active) return;
            byWorker.push(JSON.stringify(request));
            takeOver();
          },
        };
        registration.active = active;
      };
      takeOver();
      Object.defineProperty(navigator, 'serviceWorker', {
        value: {
          register: () => Promise.resolve(),
          getRegistration: () => Promise.resolve(registration),
        },
      });
    });
    await people.talk();
    await turn(page, 'option-notifications');
    await closeOptions(page);
    await sayToHidden('a secret');
    await page.waitForFunction(() => {
      const { recorded: of } = window as unknown as { recorded: Recorded };
      return of.byWorker.length === 2;
    });
    const [shown, then] = await recorded(page, ({ byWorker }) => byWorker);
    expect(shown).toContain('There is a new message.');
    expect(shown).not.toContain('secret');
    expect(then).toContain('calm');
  });

  test('hands the link to the share sheet, and says nothing to who changes their mind', async () => {
    const { page } = people.creator;
    await record(page, 'granted');
    const code = await createChat(people.creator);
    await page.locator('#share').click();
    const [shared] = await recorded(page, ({ shared: all }) => all);
    expect(shared?.url).toBe(await page.locator('#invitation-link').inputValue());
    await page.locator('#share').click();
    await page.waitForFunction(() => {
      const { recorded: of } = window as unknown as { recorded: Recorded };
      return of.shared.length === 2;
    });
    expect(await page.locator('#copy-status').textContent()).toBe('');
    await joinChat(people.joiner, code);
    await line(page, /joined to chat/).waitFor();
  });
});
