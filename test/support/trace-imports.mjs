// With `NODE_OPTIONS=--import=…` a process says on standard error which packages its modules import.
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export const load = (url, context, next) => {
    const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) writeSync(2, 'imports ' + name + '\\n');
    return next(url, context);
  };
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
