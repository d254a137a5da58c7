// `npm run build`
import { buildAll, run } from './build.mjs';

await run(buildAll);
