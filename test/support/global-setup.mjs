import { buildMissing } from '../../config/build/build.mjs';
import { leftOut } from './left-out.mjs';

/** Before the first test: what the tests start as processes is what the sources say now. */
export default async function globalSetup() {
  announceLeftOut();
  await buildMissing();
}

/** Says loudly what a run does not test; where everything is demanded, as in CI, that is a failure. */
function announceLeftOut() {
  const missing = leftOut();
  for (const { name, needs } of missing) {
    process.stderr.write(`\n!!! LEFT OUT: ${name}. They need ${needs}.\n`);
  }
  if (missing.length > 0 && process.env['SFCHAT_TEST_ALL'] === '1') {
    throw new Error('SFCHAT_TEST_ALL=1 demands every suite');
  }
}
