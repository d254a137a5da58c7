import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where Chromium is: what CHROMIUM_PATH says, where Debian puts it, or anywhere in PATH. */
function findChromium() {
  const named = process.env['CHROMIUM_PATH'];
  const inPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((directory) => path.join(directory, 'chromium'));
  return (named ? [named] : ['/usr/bin/chromium', ...inPath]).find(existsSync);
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
 * browser in CHROMIUM_PATH from here on.
 */
export function leftOut() {
  const chromium = findChromium();
  if (chromium) process.env['CHROMIUM_PATH'] = chromium;
  const suites = [
    {
      pattern: '/test/browser/',
      name: 'the browser tests',
      isPossible: chromium !== undefined,
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
