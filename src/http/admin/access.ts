import type { Request, RequestHandler, Response } from 'express';
import type { Counter, MakeCounter } from '../../chat/counter.ts';
import { addressPrefix } from '../address-prefix.ts';
import type { LimitName } from '../limit-names.ts';
import { isSameSecret } from '../same-secret.ts';
import { hasOwnOrigin, siteOf } from '../same-site.ts';
import type { Show } from './layout.ts';

/** Wrong passwords per address prefix and ten minutes: enough for typing errors, useless for guessing. */
const budget = { name: 'admin_logins', points: 10, seconds: 600 } as const;

export interface AccessOptions {
  readonly password: string;
  /** `null`: nothing is limited. */
  readonly makeCounter: MakeCounter | null;
  readonly onRefused: (limit: LimitName) => void;
  readonly show: Show;
}

/** HTTP Basic authentication with any user name. Lets nobody try passwords faster than the budget. */
export function requirePassword(options: AccessOptions): RequestHandler {
  const { password, show } = options;
  const inTurn = oneAtATime();
  const counter = options.makeCounter?.(budget) ?? null;
  return async (req, res, next) => {
    const given = passwordIn(req);
    if (given === null) {
      askForPassword(res, show);
      return;
    }
    const prefix = addressPrefix(req.ip);
    // In turn, or a burst of guesses would all be compared before the first of them counts.
    const wait = await inTurn(prefix, () => judge(counter, prefix, isSameSecret(given, password)));
    if (wait === 'right') next();
    else if (wait === 'wrong') askForPassword(res, show);
    else refuse(res, wait, options);
  };
}

type Judgement = 'right' | 'wrong' | { readonly milliseconds: number };

/** The right password is not accepted either while the budget is used up: otherwise guessing would go on. */
async function judge(
  counter: Counter | null,
  prefix: string,
  isRight: boolean,
): Promise<Judgement> {
  const milliseconds = (await counter?.wait(prefix)) ?? 0;
  if (milliseconds > 0) return { milliseconds };
  if (isRight) return 'right';
  const spent = (await counter?.consume(prefix)) ?? 0;
  return spent > 0 ? { milliseconds: spent } : 'wrong';
}

function askForPassword(res: Response, show: Show): void {
  res.setHeader('WWW-Authenticate', 'Basic realm="SFChat administration", charset="UTF-8"');
  show(res, { status: 401, title: 'Password needed', main: '<p>Reload the page to enter it.</p>' });
}

function refuse(
  res: Response,
  { milliseconds }: { milliseconds: number },
  { onRefused, show }: AccessOptions,
): void {
  onRefused(budget.name);
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  res.setHeader('Retry-After', String(seconds));
  show(res, {
    status: 429,
    title: 'Too many wrong passwords',
    main: `<p>Try again in ${Math.ceil(seconds / 60)} min.</p>`,
  });
}

/** The password of the request, whoever it names; `null` when there is none. */
function passwordIn(req: Request): string | null {
  const encoded = /^basic +([a-z0-9+/]+=*) *$/i.exec(req.get('authorization') ?? '')?.[1];
  if (encoded === undefined) return null;
  const credentials = Buffer.from(encoded, 'base64').toString();
  return credentials.slice(credentials.indexOf(':') + 1);
}

/** Runs tasks with the same key one after the other. */
function oneAtATime() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, task: () => Promise<T>): Promise<T> => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

/**
 * Refuses what another site made the browser send: it sends the password along by itself. Browsers say
 * `Origin: null` here, because our pages ask them to name no referrer; they all say `Sec-Fetch-Site`.
 */
export const isSameOrigin = (req: Request): boolean => {
  const site = siteOf(req);
  return site === undefined ? hasOwnOrigin(req) : site === 'same-origin';
};
