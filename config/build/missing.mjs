// Before `npm start` and its like.
import { buildMissing, run } from './build.mjs';

await run(buildMissing);
