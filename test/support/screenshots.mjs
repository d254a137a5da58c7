// `npm run screenshots [DIRECTORY]`: every page and state at three widths, in light and dark, and from right to left,
// into ./data/screenshots unless told otherwise. `-- --readme` makes the two small ones that the README shows.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { leftOut } from './left-out.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const args = process.argv.slice(2);
const isForReadme = args.includes('--readme');
const directory = path.resolve(args.find((arg) => !arg.startsWith('--')) ?? 'data/screenshots');

const widths = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
];
const looks = [
  { name: 'light', locale: 'en', colorScheme: 'light' },
  { name: 'dark', locale: 'en', colorScheme: 'dark' },
  { name: 'rtl', locale: 'ar', colorScheme: 'light' },
];

/** Starts the built server on a free port and answers its address. */
function startServer() {
  const server = spawn(process.execPath, ['dist/src/server.js'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', DATA_DIR: ':memory:' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    server.once('exit', () => reject(new Error(`The server did not start: ${output}`)));
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const [, url] = /"url":"([^"]+)"/.exec(output) ?? [];
      if (url !== undefined) resolve({ url, stop: () => server.kill('SIGTERM') });
    });
  });
}

const open = (page) => page.locator('#message:enabled').waitFor();

async function say(page, text) {
  await page.locator('#message').fill(text);
  await page.locator('#send').click();
}

/** Two people through a whole chat; `shoot(name, page)` at every state. */
async function tell(creator, joiner, shoot) {
  await creator.goto('/');
  await shoot('home', creator);
  await creator.locator('#create').click();
  await creator.locator('#log .line-system').waitFor();
  await shoot('invitation', creator);
  await creator.locator('#show-qr').click();
  await creator.locator('#qr svg').waitFor();
  await shoot('qr', creator);
  const link = await creator.locator('#invitation-link').inputValue();
  await joiner.goto(link);
  await shoot('arrival', joiner);
  await joiner.locator('#arrival-join').click();
  await Promise.all([open(creator), open(joiner)]);
  await say(creator, 'Hi! Did you find the place?');
  await say(joiner, 'Yes, ten minutes from here. The old mill, right?');
  await say(creator, 'Right. Bring the map');
  await say(creator, 'and something warm, it gets cold by the water');
  await say(joiner, 'مرحبا');
  await creator.locator('#log').getByText('مرحبا').waitFor();
  await joiner.locator('#log').getByText('something warm').waitFor();
  await shoot('chat', creator);
  await joiner.locator('#message').pressSequentially('On my w');
  await creator.locator('#presence[data-kind="typing"]').waitFor();
  await shoot('typing', creator);
  await joiner.evaluate("document.dispatchEvent(new Event('freeze'))");
  await creator.locator('#presence[data-kind="away"]', { hasText: /\d/ }).waitFor();
  await shoot('away', creator);
  await joiner.evaluate("document.dispatchEvent(new Event('resume'))");
  await creator.context().setOffline(true);
  await creator.locator('#connection[data-kind="waiting"]').waitFor();
  await say(creator, 'I wait at the gate');
  await creator.locator('.delivery[data-kind="waiting"]').waitFor();
  await shoot('offline', creator);
  await creator.context().setOffline(false);
  await creator.locator('#connection[data-kind="connected"]').waitFor();
  await creator.locator('#security').click();
  await creator.locator('#words li').nth(3).waitFor();
  await shoot('words', creator);
  await creator.locator('#security-close').click();
  await creator.locator('#close').click();
  await shoot('close', creator);
  await creator.locator('#close-confirm').click();
  await joiner.locator('#notice').waitFor();
  await creator.locator('#notice').waitFor();
  await shoot('end', joiner);
  await joiner.goto('/');
  await joiner.locator('#code').fill('ghjk mnpq rstv wxyz 0123 4567');
  await joiner.locator('#join').click();
  await joiner.locator('#join-error:not(:empty)').waitFor();
  await shoot('refused', joiner);
  for (const page of ['faq', 'privacy', 'license', 'nowhere']) {
    await joiner.goto(`/${page}`);
    await shoot(page, joiner);
  }
}

async function shootAll(browser, url) {
  for (const { name: look, ...options } of looks) {
    const [creator, joiner] = await Promise.all(
      [0, 1].map(async () => {
        const context = await browser.newContext({ baseURL: url, ...options });
        return context.newPage();
      }),
    );
    await tell(creator, joiner, async (state, page) => {
      for (const size of widths) {
        await page.setViewportSize(size);
        const file = `${state}-${size.width}-${look}.png`;
        await page.screenshot({ path: path.join(directory, file), animations: 'disabled' });
      }
    });
    await creator.context().close();
    await joiner.context().close();
  }
}

/** Two small ones: the invitation in light, the talk in dark. */
async function shootForReadme(browser, url) {
  const wanted = { invitation: 'light', chat: 'dark' };
  const newPage = async () => {
    const context = await browser.newContext({
      baseURL: url,
      locale: 'en',
      viewport: { width: 360, height: 640 },
    });
    return context.newPage();
  };
  const [creator, joiner] = await Promise.all([newPage(), newPage()]);
  await tell(creator, joiner, async (state, page) => {
    if (wanted[state] === undefined) return;
    await page.emulateMedia({ colorScheme: wanted[state] });
    const file = path.join(root, 'docs/images', `${state}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await page.screenshot({ path: file, animations: 'disabled' });
  });
}

leftOut();
const server = await startServer();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH,
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
try {
  mkdirSync(directory, { recursive: true });
  await (isForReadme ? shootForReadme : shootAll)(browser, server.url);
  process.stdout.write(`${isForReadme ? 'docs/images' : directory}\n`);
} finally {
  await browser.close();
  server.stop();
}
