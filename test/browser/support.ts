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

/** Starts the browser that the test configuration has found. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '',
    args: LAUNCH_ARGUMENTS,
  });
}

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts the built server, as users run it, on a free port and without a file. */
export async function startServer(): Promise<RunningServer> {
  const server = spawn(process.execPath, ['dist/src/server.js'], {
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: ':memory:',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  const url = await firstAddress(server);
  await untilReady(url);
  return {
    url,
    async stop() {
      server.kill('SIGTERM');
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
  const context = await browser.newContext({ baseURL: url, ...options });
  context.setDefaultTimeout(15_000);
  const errors: string[] = [];
  const addresses: string[] = [];
  const expected: RegExp[] = [];
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

/** Creates a chat and answers its invitation code. */
export async function createChat({ page }: Person): Promise<string> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Create chat' }).click();
  await page.waitForURL('/chat');
  await line(page, /^\*\*\* Welcome to SFChat!/).waitFor();
  return page.getByLabel('Invitation code').inputValue();
}

/** Joins with a typed code. */
export async function joinChat({ page }: Person, code: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Invitation code').fill(code);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('/chat');
  await line(page, '*** Chat is ready to use ***').waitFor();
}

/** Writes a message and sends it with the button. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Your message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

/** The lines of the conversation, exactly as they read. */
export function lines(page: Page): Promise<string[]> {
  return page.locator('#log .line').allTextContents();
}

/** The line with this text. */
export function line(page: Page, text: string | RegExp): Locator {
  const exact = typeof text === 'string' ? new RegExp(`^${escapeRegExp(text)}$`) : text;
  return page.locator('#log .line').filter({ hasText: exact });
}

/** The line with this message, whatever stands before it. */
export function lineSaying(page: Page, text: string): Locator {
  return line(page, new RegExp(`(:|^\\.\\.\\.) ${escapeRegExp(text)}$`));
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What the tab remembers, as one text. */
export function sessionStorageOf(page: Page): Promise<string> {
  return page.evaluate<string>('JSON.stringify(sessionStorage)');
}
