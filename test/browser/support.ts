import { spawn, type ChildProcess } from 'node:child_process';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';

/** Long enough for a slow machine, and short enough to notice that something hangs. */
export const STORY_TIMEOUT = 120_000;

const START_TIMEOUT = 20_000;

const LAUNCH_ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function launch(executablePath: string | undefined, args: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? '',
    args: [...LAUNCH_ARGUMENTS, ...args],
  });
}

/** Starts the browser that the test configuration has found, without windows where it can be had so: half the work. */
export const launchBrowser = (...args: string[]): Promise<Browser> =>
  launch(process.env['CHROMIUM_SHELL_PATH'], args);

/** Starts the browser as people have it, for what only that can do, and so that something of everything ran in it. */
export const launchWholeBrowser = (): Promise<Browser> => launch(process.env['CHROMIUM_PATH'], []);

export interface RunningServer {
  url: string;
  /** Everything that it has logged. */
  log(): string;
  stop(): Promise<void>;
  /** Ends it like a power cut: it has no time for anything. */
  kill(): Promise<void>;
}

/** Starts the built server, as users run it, on a free port and, unless told otherwise, without a file. */
export async function startServer(
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = spawn(process.execPath, ['dist/src/server.js'], {
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: ':memory:',
      LOG_LEVEL: 'info',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  let output = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const url = await firstAddress(server);
  await untilReady(url);
  return {
    url,
    log: () => output,
    async stop() {
      server.kill('SIGTERM');
      await ended;
    },
    async kill() {
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/** The server says in its log where it listens. */
function firstAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const giveUp = (): void => {
      clearTimeout(timer);
      server.kill('SIGTERM');
      reject(new Error(`The server did not start (npm run build?): ${output}`));
    };
    const timer = setTimeout(giveUp, START_TIMEOUT);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const [, url] = /"url":"([^"]+)"/.exec(output) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('exit', giveUp);
  });
}

async function untilReady(url: string): Promise<void> {
  const { status } = await fetch(`${url}/readyz`);
  if (status !== 200) throw new Error(`The server is not ready: ${status}`);
}

/** One person with a browser of their own, and everything that must not happen in it. */
export interface Person {
  context: BrowserContext;
  page: Page;
  /** Console and page errors that nobody expected. */
  errors: string[];
  /** Addresses requested, fragments included. */
  addresses: string[];
  /** Errors whose text matches are part of the story from now on. */
  expectErrors(pattern: RegExp): void;
}

/** Opens a fresh browser profile and watches all its pages. */
export async function newPerson(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({
    baseURL: url,
    // What goes through a service worker is not seen here; it has a test of its own.
    serviceWorkers: 'block',
    // What moves for decoration alone costs the machine frames.
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const errors: string[] = [];
  const addresses: string[] = [];
  const expected: RegExp[] = [/^Service Worker registration blocked by Playwright$/];
  const note = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) errors.push(text);
  };
  context.on('page', (page) => {
    watch(page, note);
  });
  context.on('request', (request) => addresses.push(request.url()));
  const page = await context.newPage();
  return { context, page, errors, addresses, expectErrors: (pattern) => expected.push(pattern) };
}

function watch(page: Page, note: (text: string) => void): void {
  page.on('pageerror', (error) => {
    note(`page error: ${error.message}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(message.text());
  });
}

export type Kind = 'encrypted' | 'plain';

/** Presses what creates a chat. */
export async function pressCreate(page: Page, kind: Kind = 'encrypted'): Promise<void> {
  if (kind === 'encrypted') {
    await page.getByRole('button', { name: 'Create chat' }).click();
    return;
  }
  await page.getByText('For other clients').click();
  await page.getByRole('button', { name: 'Create a chat without encryption' }).click();
}

/** Creates a chat and answers its invitation code. */
export async function createChat(
  { page }: Pick<Person, 'page'>,
  kind: Kind = 'encrypted',
): Promise<string> {
  await page.goto('/');
  await pressCreate(page, kind);
  await page.waitForURL('/chat');
  await line(page, /^\*\*\* Welcome to SFChat!/).waitFor();
  return page.getByLabel('Invitation code').inputValue();
}

/** Joins with a typed code, and waits until texts can be written. */
export async function joinChat({ page }: Pick<Person, 'page'>, code: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Invitation code').fill(code);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('/chat');
  await line(page, '*** Chat is ready to use ***').waitFor();
  await untilOpen(page);
}

/** Waits until texts can be written: the keys are confirmed, or none are needed. */
export async function untilOpen(page: Page): Promise<void> {
  await page.locator('#message:enabled').waitFor();
}

/** Writes a message and sends it with the button. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** The lines of the conversation as a screen reader says them, without what the page itself notes. */
export function lines(page: Page): Promise<string[]> {
  return page.locator('#log .line:not(.line-notice)').allTextContents();
}

/** The line with this text. */
export function line(page: Page, text: string | RegExp): Locator {
  const exact = typeof text === 'string' ? new RegExp(`^${escapeRegExp(text)}$`) : text;
  return page.locator('#log .line').filter({ hasText: exact });
}

/** The line with this message, whatever stands before it. */
export function lineSaying(page: Page, text: string): Locator {
  return line(page, new RegExp(`^(You|Talker): ${escapeRegExp(text)}$`));
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What the tab remembers, as one text. */
export function sessionStorageOf(page: Page): Promise<string> {
  return page.evaluate<string>('JSON.stringify(sessionStorage)');
}

/** A server and a browser for all tests of a file. */
export interface Stage {
  server: RunningServer;
  browser: Browser;
  /** Somebody with a profile of their own, who leaves after the test. */
  enter(options?: BrowserContextOptions): Promise<Person>;
}

/**
 * Gives the tests of a file a server and a browser, and fails each test in which something unexpected was in a
 * console. The values are there once a test runs.
 */
export function useStage(
  environment: Readonly<Record<string, string>> = {},
  launchStage: () => Promise<Browser> = launchBrowser,
): Stage {
  const entered: Person[] = [];
  const stage = {
    async enter(options) {
      const person = await newPerson(stage.browser, stage.server.url, options);
      entered.push(person);
      return person;
    },
  } as Stage;

  beforeAll(async () => {
    stage.server = await startServer(environment);
    stage.browser = await launchStage();
  });

  afterAll(async () => {
    await stage.browser.close();
    await stage.server.stop();
  });

  afterEach(async () => {
    const unexpected: string[] = [];
    for (const { page, context, errors } of entered.splice(0)) {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
      unexpected.push(...errors);
    }
    if (unexpected.length > 0)
      throw new Error(`Unexpected in the console: ${unexpected.join('; ')}`);
  });

  return stage;
}

/** Two people with a browser each, and a server; everything anew for each test but server and browser. */
export interface People extends Stage {
  creator: Person;
  joiner: Person;
  /** Both are in one chat and can write. */
  talk(kind?: Kind): Promise<void>;
}

/** Gives the tests of a file two people on a stage of their own. */
export function usePeople(
  options: Readonly<{
    environment?: Readonly<Record<string, string>>;
    creator?: BrowserContextOptions;
    joiner?: BrowserContextOptions;
  }> = {},
): People {
  const stage = useStage(options.environment);
  const people = stage as People;
  people.talk = async (kind: Kind = 'encrypted') => {
    await joinChat(people.joiner, await createChat(people.creator, kind));
    await untilOpen(people.creator.page);
  };

  beforeEach(async () => {
    people.creator = await stage.enter(options.creator);
    people.joiner = await stage.enter(options.joiner);
  });

  return people;
}

/** Chromium without a window is never hidden; this is what a hidden page would see. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { configurable: true, value: ${String(hidden)} });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}

/** The id of what has the focus. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate<string>('document.activeElement?.id ?? ""');
