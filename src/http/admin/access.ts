import type { Request, RequestHandler, Response } from 'express';
import type { Counter, MakeCounter, Wait } from '../../chat/counter.ts';
import { addressPrefix } from '../address-prefix.ts';
import type { LimitName } from '../limit-names.ts';
import { isLocalCaller } from '../ops/local-caller.ts';
import { isSameSecret } from '../same-secret.ts';
import { hasOwnOrigin, siteOf } from '../same-site.ts';
import type { Show } from './layout.ts';

/** Wrong passwords per address prefix and ten minutes: enough for typing errors, useless for guessing. */
const perAddress = { name: 'admin_logins', points: 10, seconds: 600 } as const;

/** Wrong passwords of all addresses that nobody has logged in from: whoever has a thousand guesses no faster. */
const ofStrangers = { name: 'admin_logins_of_strangers', points: 100, seconds: 600 } as const;

/** An address prefix counts as the operator's for a month after the right password came from it. */
const known = { name: 'admin_known_addresses', points: 1, seconds: 30 * 86_400 } as const;

/** All strangers share this key: no address looks like it. */
const ALL = 'all';

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
  const judge = options.makeCounter === null ? judgeOnly : createJudge(options.makeCounter);
  return async (req, res, next) => {
    const given = passwordIn(req);
    if (given === null) {
      askForPassword(res, show);
      return;
    }
    const prefix = addressPrefix(req.ip);
    // In turn, or a burst of guesses would all be compared before the first of them counts.
    const isRight = isSameSecret(given, password);
    const isTrusted = isLocalCaller(req) || (await judge.isKnown(prefix));
    const wait = await inTurn(isTrusted ? prefix : ALL, () =>
      judge.judge({ prefix, isRight, isTrusted }),
    );
    if (wait === 'right') next();
    else if (wait === 'wrong') askForPassword(res, show);
    else refuse(res, wait, options);
  };
}

type Judgement = 'right' | 'wrong' | { readonly milliseconds: number };

interface Guess {
  readonly prefix: string;
  readonly isRight: boolean;
  /** From where the operator is: what strangers do does not matter there. */
  readonly isTrusted: boolean;
}

interface Judge {
  isKnown(prefix: string): Promise<boolean>;
  judge(guess: Guess): Promise<Judgement>;
}

/** Where nothing is limited. */
const judgeOnly: Judge = {
  isKnown: () => Promise.resolve(true),
  judge: ({ isRight }) => Promise.resolve(isRight ? 'right' : 'wrong'),
};

/**
 * The right password is not accepted either while a budget is used up: otherwise guessing would go on. But the
 * budget of all strangers is none of the operator's concern at an address from which the password was right once,
 * or on the machine itself.
 */
function createJudge(makeCounter: MakeCounter): Judge {
  const [address, strangers, knowns] = [perAddress, ofStrangers, known].map(makeCounter) as [
    Counter,
    Counter,
    Counter,
  ];
  const budgetsOf = ({ prefix, isTrusted }: Guess): [Counter, string][] => [
    [address, prefix],
    ...(isTrusted ? [] : ([[strangers, ALL]] satisfies [Counter, string][])),
  ];
  const longest = async (waits: Wait[]): Promise<number> =>
    Math.max(...(await Promise.all(waits.map((wait) => Promise.resolve(wait)))));

  return {
    isKnown: async (prefix) => (await knowns.wait(prefix)) > 0,
    judge: async (guess) => {
      const budgets = budgetsOf(guess);
      const milliseconds = await longest(budgets.map(([counter, key]) => counter.wait(key)));
      if (milliseconds > 0) return { milliseconds };
      if (guess.isRight) {
        if (!guess.isTrusted) await knowns.consume(guess.prefix);
        return 'right';
      }
      const spent = await longest(budgets.map(([counter, key]) => counter.consume(key)));
      return spent > 0 ? { milliseconds: spent } : 'wrong';
    },
  };
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
  onRefused(perAddress.name);
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
