import { leftOut } from './left-out.mjs';

/** Says loudly what a run does not test; where everything is demanded, as in CI, that is a failure. */
export default function announceLeftOut() {
  const missing = leftOut();
  for (const { name, needs } of missing) {
    process.stderr.write(`\n!!! LEFT OUT: ${name}. They need ${needs}.\n`);
  }
  if (missing.length > 0 && process.env['SFCHAT_TEST_ALL'] === '1') {
    throw new Error('SFCHAT_TEST_ALL=1 demands every suite');
  }
}
