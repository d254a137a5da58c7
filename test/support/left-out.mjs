import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where a program is: where Debian puts it, or anywhere in PATH. */
const find = (program) =>
  ['/usr/bin', ...(process.env['PATH'] ?? '').split(path.delimiter)]
    .map((directory) => path.join(directory, program))
    .find(existsSync);

/**
 * Notes where Chromium is, and the same engine without windows, in which most tests of the page take half as long.
 * Whoever sets CHROMIUM_PATH wants that one for all of them.
 */
function findBrowsers() {
  const named = process.env['CHROMIUM_PATH'];
  const whole = named ? [named].find(existsSync) : find('chromium');
  if (whole === undefined) return false;
  const shell = named ? whole : (find('chromium-headless-shell') ?? whole);
  process.env['CHROMIUM_PATH'] = whole;
  process.env['CHROMIUM_SHELL_PATH'] ??= shell;
  return true;
}

/** Debian keeps servers where only root looks for them. */
const isInPath = (program) =>
  [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin'].some((directory) =>
    existsSync(path.join(directory, program)),
  );

/** A MongoDB server and the commands that pause, resume, kill and start it. */
const victim = [
  'MONGODB_VICTIM_URI',
  'MONGODB_PAUSE',
  'MONGODB_RESUME',
  'MONGODB_KILL',
  'MONGODB_START',
];

/**
 * Suites that need more than `npm ci` gives, and are left out where it is missing. The tests find the
 * browsers in CHROMIUM_PATH and CHROMIUM_SHELL_PATH from here on.
 */
export function leftOut() {
  const hasChromium = findBrowsers();
  const suites = [
    {
      pattern: '/test/browser/',
      name: 'the browser tests',
      isPossible: hasChromium,
      needs: 'Chromium (apt-get install chromium, or set CHROMIUM_PATH)',
    },
    {
      pattern: '\\.distributed\\.test\\.ts$',
      name: 'the tests against MongoDB and Redis',
      isPossible: Boolean(process.env['MONGODB_URI'] && process.env['REDIS_URL']),
      needs: 'MONGODB_URI and REDIS_URL (or: npm run test:distributed)',
    },
    {
      pattern: '/test/operations/',
      name: 'the tests of the files that run the service',
      isPossible: ['nginx', 'openssl', 'git', 'curl', 'flock'].every(isInPath),
      needs: 'nginx, openssl, git, curl and flock (apt-get install nginx-light openssl git curl)',
    },
    {
      // They leave themselves out.
      pattern: null,
      name: 'the tests that stop and kill MongoDB',
      isPossible: victim.every((name) => process.env[name]),
      needs: `a server of their own: ${victim.join(', ')}`,
    },
  ];
  return suites.filter(({ isPossible }) => !isPossible);
}
