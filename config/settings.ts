import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Cron } from 'croner';
import { gatewayNames } from '../src/gateways/names.ts';
import { headerNames, MESSAGE_MAX_LENGTH } from '../src/protocol.ts';

/** What a variable may hold: `read` gives `undefined` for a text that it does not take. */
interface Kind<T> {
  readonly takes: string;
  readonly read: (text: string) => T | undefined;
  /** The value is never repeated in an error message. */
  readonly secret?: boolean;
}

interface Row<T> {
  readonly variable: string;
  /** As it would be written in the environment; `undefined`: nothing unless it is set. */
  readonly fallback: string | undefined;
  readonly kind: Kind<T>;
  readonly doc: string;
}

const row = <T>(variable: string, fallback: string, kind: Kind<T>, doc: string): Row<T> => ({
  variable,
  fallback,
  kind,
  doc,
});

const optional = <T>(variable: string, kind: Kind<T>, doc: string): Row<T | undefined> => ({
  variable,
  fallback: undefined,
  kind,
  doc,
});

const text: Kind<string> = { takes: 'a text', read: (value) => value };
const secret: Kind<string> = { takes: 'a text', read: (value) => value, secret: true };

/** Whoever guesses has all the time in the world. */
const PASSWORD_MIN_LENGTH = 12;

const password: Kind<string> = {
  takes: `a text of at least ${PASSWORD_MIN_LENGTH} characters`,
  read: (value) => ([...value].length >= PASSWORD_MIN_LENGTH ? value : undefined),
  secret: true,
};

const wholeNumber = (least: number, most: number): Kind<number> => ({
  takes: `a whole number from ${least} to ${most}`,
  read: (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    return number >= least && number <= most ? number : undefined;
  },
});

/** Written in seconds, read in milliseconds. */
const seconds = (least: number, most: number): Kind<number> => ({
  takes: `seconds from ${least} to ${most}, fractions allowed`,
  read: (value) => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    return number >= least && number <= most ? Math.round(number * 1000) : undefined;
  },
});

const oneOf = <const T extends string>(...names: T[]): Kind<T> => ({
  takes: names.map((name) => `\`${name}\``).join(' or '),
  read: (value) => names.find((name) => name === value),
});

/** Each at most once, in any order. */
const listOf = <const T extends string>(names: readonly T[]): Kind<readonly T[]> => ({
  takes: `${names.map((name) => `\`${name}\``).join(', ')}, separated by commas`,
  read: (value) => {
    const given = value.split(',').map((each) => each.trim());
    const found = names.filter((name) => given.includes(name));
    return found.length === given.length ? found : undefined;
  },
});

const onOff: Kind<boolean> = {
  takes: '`on` or `off`',
  read: (value) => (value === 'on' ? true : value === 'off' ? false : undefined),
};

const headerName: Kind<string> = {
  // Any other may have a meaning of its own, to Node.js or to a proxy.
  takes: 'a header name that begins with X-',
  read: (value) => (/^X-[A-Za-z0-9-]{1,62}$/i.test(value) ? value : undefined),
};

const trackingId: Kind<string> = {
  takes: 'a tracking id, such as G-AB12CD34EF',
  read: (value) => (/^(?:G|UA)-[A-Z0-9-]{4,20}$/.test(value) ? value : undefined),
};

const cronExpression: Kind<string> = {
  takes: 'a cron expression of five or six fields',
  read: (value) => {
    try {
      const cron = new Cron(value, { paused: true, utcOffset: 0 });
      // A date that never comes is a slip, too.
      return /^(\S+\s+){4,5}\S+$/.test(value) && cron.nextRun() !== null ? value : undefined;
    } catch {
      return undefined;
    }
  },
};

const connectionUri = (...schemes: string[]): Kind<string> => ({
  takes: `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  read: (value) => (schemes.some((scheme) => value.startsWith(`${scheme}://`)) ? value : undefined),
  secret: true,
});

const namedRanges = ['loopback', 'linklocal', 'uniquelocal'];

const isAddressRange = (value: string): boolean => {
  if (namedRanges.includes(value)) return true;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const most = { 4: 32, 6: 128 }[isIP(address)];
  const length = Number(bits ?? most);
  return most !== undefined && length >= 1 && length <= most;
};

/** `true` is refused: it would let every client name its own address. */
const trustedProxies: Kind<number | string[]> = {
  takes: 'a hop count from 1 to 10, or address ranges separated by commas',
  read: (value) => {
    if (/^([1-9]|10)$/.test(value)) return Number(value);
    const ranges = value.split(',').map((range) => range.trim());
    return ranges.every(isAddressRange) ? ranges : undefined;
  },
};

/** Every setting there is, in the order of the README. */
export const settingsTable = {
  host: row('HOST', '127.0.0.1', text, 'address to listen on'),
  port: row('PORT', '8000', wholeNumber(0, 65_535), 'port to listen on'),
  mode: row(
    'SFCHAT_MODE',
    'embedded',
    oneOf('embedded', 'distributed'),
    '`embedded`: one process with its own database file; `distributed`: many over MongoDB and Redis',
  ),
  dataDir: row(
    'DATA_DIR',
    './data',
    text,
    'directory of the embedded database; `:memory:` keeps nothing on disk',
  ),
  mongodbUri: optional(
    'MONGODB_URI',
    connectionUri('mongodb', 'mongodb+srv'),
    'MongoDB; required when distributed',
  ),
  redisUrl: optional(
    'REDIS_URL',
    connectionUri('redis', 'rediss'),
    'Redis; required when distributed',
  ),
  longPollingSleepMs: row(
    'LONG_POLLING_SLEEP',
    '3',
    seconds(0.01, 60),
    'seconds between the fallback checks of a held poll',
  ),
  longPollingIteration: row(
    'LONG_POLLING_ITERATION',
    '15',
    wholeNumber(1, 1000),
    'checks per poll; sleep × iteration stays under the 60 s at which common proxies cut',
  ),
  absenceCloseAfterMs: row(
    'ABSENCE_CLOSE_AFTER',
    '360',
    seconds(0.1, 86_400),
    'seconds without a sign of life after which the talker closes the chat',
  ),
  chatLifetimeMs: row(
    'CHAT_LIFETIME',
    '86400',
    seconds(0.1, 86_400),
    'seconds that a chat lives at the most',
  ),
  closedGraceMs: row(
    'CLOSED_GRACE',
    '600',
    seconds(0, 86_400),
    'seconds that a closed chat waits for its last readers',
  ),
  terminationSchedule: row(
    'TERMINATION_SCHEDULE',
    '* * * * *',
    cronExpression,
    'when the termination worker runs, as a cron expression (UTC)',
  ),
  messageMaxLength: row(
    'MESSAGE_MAX_LENGTH',
    String(MESSAGE_MAX_LENGTH),
    wholeNumber(1, 2000),
    'length of a message at the most, in code points',
  ),
  userTokenHeader: row(
    'USER_TOKEN_HEADER',
    headerNames.userToken,
    headerName,
    'header that carries the user token',
  ),
  chatTokenHeader: row(
    'CHAT_TOKEN_HEADER',
    headerNames.chatToken,
    headerName,
    'header that carries the chat token',
  ),
  rateLimits: row('RATE_LIMITS', 'on', onOff, '`off` for measurements: no limit below applies'),
  limitChatsCreated: row(
    'LIMIT_CHATS_CREATED',
    '600',
    wholeNumber(1, 1_000_000),
    'chats created per address prefix and hour',
  ),
  limitFailedJoins: row(
    'LIMIT_FAILED_JOINS',
    '300',
    wholeNumber(1, 1_000_000),
    'joins that failed per address prefix and 10 minutes',
  ),
  limitFailedAuthentications: row(
    'LIMIT_FAILED_AUTHENTICATIONS',
    '600',
    wholeNumber(1, 1_000_000),
    'authentications that failed per address prefix and 10 minutes',
  ),
  limitMessages: row(
    'LIMIT_MESSAGES',
    '600',
    wholeNumber(1, 1_000_000),
    'messages sent per participant and minute',
  ),
  limitSignals: row(
    'LIMIT_SIGNALS',
    '120',
    wholeNumber(1, 1_000_000),
    'typing signals per participant and minute',
  ),
  limitRead: row(
    'LIMIT_READ',
    '8000000',
    wholeNumber(1, 1_000_000_000),
    'characters of messages given to a participant per minute and process, however often the same',
  ),
  limitHeldPollsPerAddress: row(
    'LIMIT_HELD_POLLS_PER_ADDRESS',
    '1000',
    wholeNumber(1, 1_000_000),
    'polls held at once per address prefix and process',
  ),
  limitHeldPolls: row(
    'LIMIT_HELD_POLLS',
    '20000',
    wholeNumber(1, 1_000_000),
    'polls held at once per process',
  ),
  limitConnectionsPerAddress: row(
    'LIMIT_CONNECTIONS_PER_ADDRESS',
    '2000',
    wholeNumber(1, 1_000_000),
    'connections at once per address prefix and process; those of a trusted proxy count only in all',
  ),
  limitConnections: row(
    'LIMIT_CONNECTIONS',
    '25000',
    wholeNumber(1, 1_000_000),
    'connections at once per process',
  ),
  limitLiveChats: row(
    'LIMIT_LIVE_CHATS',
    '100000',
    wholeNumber(1, 1_000_000_000),
    'chats that are not closed, at once',
  ),
  limitStoredMegabytes: row(
    'LIMIT_STORED_MEGABYTES',
    '1000',
    wholeNumber(1, 1_000_000_000),
    'megabytes of undelivered messages, at once',
  ),
  trustProxy: optional(
    'TRUST_PROXY',
    trustedProxies,
    'proxies in front: hop count or address ranges; `true` is refused',
  ),
  gateways: optional(
    'GATEWAYS',
    listOf(gatewayNames),
    'other chat protocols through which chats are reached (docs/gateways.md)',
  ),
  adminPassword: optional('ADMIN_PASSWORD', password, 'opens `/admin`; without it `/admin` is 404'),
  analyticsId: optional(
    'ANALYTICS_ID',
    trackingId,
    'Google Analytics counts chats that are created and joined on the home page; without it nothing is loaded from or sent to anybody else',
  ),
  metricsToken: optional(
    'METRICS_TOKEN',
    secret,
    'bearer token for `/metrics`; without it `/metrics` answers loopback only, and nobody behind a proxy',
  ),
  logLevel: row(
    'LOG_LEVEL',
    'info',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'least severity that is logged',
  ),
};

type Table = typeof settingsTable;
type Value<R> = R extends Row<infer T> ? T : never;

/** The settings of one process, checked and frozen. Durations are in milliseconds. */
export type Settings = Readonly<{ [Name in keyof Table]: Value<Table[Name]> }>;

/** Thrown by {@link readSettings}; `mistakes` has one line for each bad variable. */
export class SettingsError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'SettingsError';
    this.mistakes = mistakes;
  }
}

/**
 * Reads and checks the environment; the only reader of `process.env` (protocol.md, "Settings").
 * An empty variable counts as not set.
 *
 * @throws {SettingsError} naming every bad variable at once and what it takes
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const mistakes: Mistake[] = [];
  const entries = Object.entries<Row<unknown>>(settingsTable).map(([name, setting]) => {
    const given = givenFor(setting, environment, mistakes);
    const value = given === undefined || given === '' ? setting.fallback : given;
    const read = value === undefined ? undefined : setting.kind.read(value);
    if (value !== undefined && read === undefined) mistakes.push(describeMistake(setting, value));
    return [name, read] as const;
  });

  const settings = Object.freeze(Object.fromEntries(entries)) as Settings;
  // A variable that has its line already is not also missing.
  const named = new Set(mistakes.map(({ variable }) => variable));
  mistakes.push(...mistakesTogether(settings).filter(({ variable }) => !named.has(variable)));
  if (mistakes.length > 0) throw new SettingsError(mistakes.map(({ line }) => line));
  return settings;
}

/**
 * What the environment says of a setting. A secret may stand in a file that `NAME_FILE` names, so that it is
 * not in the environment, which child processes and crash reports get to see.
 */
function givenFor(
  { variable, kind }: Row<unknown>,
  environment: NodeJS.ProcessEnv,
  mistakes: Mistake[],
): string | undefined {
  const given = environment[variable];
  const file = kind.secret === true ? environment[`${variable}_FILE`] : undefined;
  if (file === undefined || file === '') return given;
  if (given !== undefined && given !== '') {
    mistakes.push({ variable, line: `${variable} and ${variable}_FILE are both set: one of them` });
    return undefined;
  }
  try {
    // Editors end a file with a line break, which is no part of the secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    mistakes.push({ variable, line: `${variable}_FILE names a file that cannot be read: ${code}` });
    return undefined;
  }
}

interface Mistake {
  readonly variable: string;
  readonly line: string;
}

function describeMistake({ variable, kind }: Row<unknown>, value: string): Mistake {
  const found = kind.secret === true ? '' : `, not ${JSON.stringify(value)}`;
  return { variable, line: `${variable} takes ${kind.takes}${found}` };
}

/** What the variables say about each other; a mode that could not be read asks for nothing. */
function mistakesTogether(settings: Partial<Settings>): Mistake[] {
  const { mode, mongodbUri, redisUrl } = settings;
  const { chatTokenHeader = '', userTokenHeader } = settings;
  const isDistributed = mode === 'distributed';
  const required = 'is required when SFCHAT_MODE=distributed';
  const table = settingsTable;
  const rules: [boolean, Row<unknown>, string][] = [
    [isDistributed && mongodbUri === undefined, table.mongodbUri, required],
    [isDistributed && redisUrl === undefined, table.redisUrl, required],
    [
      userTokenHeader?.toLowerCase() === chatTokenHeader.toLowerCase(),
      table.userTokenHeader,
      'takes another name than CHAT_TOKEN_HEADER',
    ],
  ];
  return rules
    .filter(([isMistake]) => isMistake)
    .map(([, { variable }, reason]) => ({ variable, line: `${variable} ${reason}` }));
}

/** The settings as the Markdown table of the README. */
export function settingsMarkdown(): string {
  const rows = Object.values<Row<unknown>>(settingsTable).map(
    ({ variable, fallback, kind, doc }) =>
      `| \`${variable}\`${kind.secret === true ? ` or \`${variable}_FILE\`` : ''} | ${fallback === undefined ? 'none' : `\`${fallback}\``} | ${kind.takes} | ${doc} |`,
  );
  return ['| variable | default | takes | meaning |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}
