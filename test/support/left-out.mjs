import { existsSync } from 'node:fs';

/** Where Chromium is; `CHROMIUM_PATH` says otherwise. */
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Suites that need more than `npm ci` gives, and are left out where it is missing. */
export function leftOut() {
  const suites = [
    {
      pattern: '/test/browser/',
      name: 'the browser tests',
      isPossible: existsSync(chromiumPath),
      needs: 'Chromium (apt-get install chromium, or set CHROMIUM_PATH)',
    },
    {
      pattern: '\\.distributed\\.test\\.ts$',
      name: 'the tests against MongoDB and Redis',
      isPossible: Boolean(process.env['MONGODB_URI'] && process.env['REDIS_URL']),
      needs: 'MONGODB_URI and REDIS_URL (or: npm run test:distributed)',
    },
  ];
  return suites.filter(({ isPossible }) => !isPossible);
}
