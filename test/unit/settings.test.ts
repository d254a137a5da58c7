import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  readSettings,
  settingsMarkdown,
  SettingsError,
  settingsTable,
} from '../../config/settings.ts';

/** What reading this environment complains about, line by line. */
function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
}

describe('the settings', () => {
  it('have the defaults of the protocol', () => {
    expect(readSettings({})).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      mode: 'embedded',
      dataDir: './data',
      mongodbUri: undefined,
      redisUrl: undefined,
      longPollingSleepMs: 3000,
      longPollingIteration: 15,
      absenceCloseAfterMs: 360_000,
      chatLifetimeMs: 86_400_000,
      closedGraceMs: 600_000,
      terminationSchedule: '* * * * *',
      messageMaxLength: 140,
      userTokenHeader: 'X-SFC-userToken',
      chatTokenHeader: 'X-SFC-chatToken',
      rateLimits: true,
      trustProxy: undefined,
      gateways: undefined,
      adminPassword: undefined,
      metricsToken: undefined,
      logLevel: 'info',
    });
  });

  it.each([
    ['HOST', '127.0.0.1'],
    ['PORT', '8000'],
    ['SFCHAT_MODE', 'embedded'],
    ['DATA_DIR', './data'],
    ['MONGODB_URI', undefined],
    ['REDIS_URL', undefined],
    ['LONG_POLLING_SLEEP', '3'],
    ['LONG_POLLING_ITERATION', '15'],
    ['ABSENCE_CLOSE_AFTER', '360'],
    ['CHAT_LIFETIME', '86400'],
    ['CLOSED_GRACE', '600'],
    ['TERMINATION_SCHEDULE', '* * * * *'],
    ['MESSAGE_MAX_LENGTH', '140'],
    ['USER_TOKEN_HEADER', 'X-SFC-userToken'],
    ['CHAT_TOKEN_HEADER', 'X-SFC-chatToken'],
    ['RATE_LIMITS', 'on'],
    ['TRUST_PROXY', undefined],
    ['GATEWAYS', undefined],
    ['ADMIN_PASSWORD', undefined],
    ['METRICS_TOKEN', undefined],
    ['LOG_LEVEL', 'info'],
  ])('are variables of the protocol’s table: %s', (variable, fallback) => {
    const rows = Object.values<{ variable: string; fallback: string | undefined }>(settingsTable);

    expect(rows.find((row) => row.variable === variable)).toMatchObject({ variable, fallback });
  });

  it('hold a poll under the 60 seconds at which common proxies cut', () => {
    const { longPollingSleepMs, longPollingIteration } = readSettings({});

    expect(longPollingSleepMs * longPollingIteration).toBe(45_000);
  });

  it('cannot be changed once they are read', () => {
    const settings = readSettings({});

    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('count an empty variable as not set', () => {
    expect(readSettings({ PORT: '', TRUST_PROXY: '', RATE_LIMITS: '' })).toEqual(readSettings({}));
  });

  it('ignore what is none of theirs', () => {
    expect(readSettings({ PATH: '/bin', port: '1' })).toEqual(readSettings({}));
  });

  it.each<[string, string, string, unknown]>([
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['DATA_DIR', ':memory:', 'dataDir', ':memory:'],
    ['LONG_POLLING_SLEEP', '0.25', 'longPollingSleepMs', 250],
    ['ABSENCE_CLOSE_AFTER', '1.5', 'absenceCloseAfterMs', 1500],
    ['CLOSED_GRACE', '0', 'closedGraceMs', 0],
    ['TERMINATION_SCHEDULE', '*/5 * * * * *', 'terminationSchedule', '*/5 * * * * *'],
    ['USER_TOKEN_HEADER', 'X-Me', 'userTokenHeader', 'X-Me'],
    ['RATE_LIMITS', 'off', 'rateLimits', false],
    ['TRUST_PROXY', '1', 'trustProxy', 1],
    ['TRUST_PROXY', '10.0.0.0/8, loopback', 'trustProxy', ['10.0.0.0/8', 'loopback']],
    ['TRUST_PROXY', '2001:db8::/32', 'trustProxy', ['2001:db8::/32']],
    ['GATEWAYS', 'nereid', 'gateways', ['nereid']],
    ['GATEWAYS', ' nereid ', 'gateways', ['nereid']],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ])('read %s=%s', (variable, value, name, expected) => {
    expect(readSettings({ [variable]: value })).toMatchObject({ [name]: expected });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', ' 80'],
    ['SFCHAT_MODE', 'Embedded'],
    ['SFCHAT_MODE', 'cluster'],
    ['LONG_POLLING_SLEEP', '0'],
    ['LONG_POLLING_SLEEP', '3s'],
    ['LONG_POLLING_SLEEP', 'NaN'],
    ['LONG_POLLING_SLEEP', '1e1'],
    ['LONG_POLLING_SLEEP', 'Infinity'],
    ['LONG_POLLING_ITERATION', '1.5'],
    ['LONG_POLLING_ITERATION', '0'],
    ['ABSENCE_CLOSE_AFTER', '0'],
    ['CHAT_LIFETIME', '86401'],
    ['CLOSED_GRACE', '-1'],
    ['TERMINATION_SCHEDULE', 'every minute'],
    ['TERMINATION_SCHEDULE', '61 * * * *'],
    ['TERMINATION_SCHEDULE', '* * * *'],
    ['MESSAGE_MAX_LENGTH', '0'],
    ['USER_TOKEN_HEADER', 'X SFC'],
    ['CHAT_TOKEN_HEADER', 'X-SFC:'],
    ['CHAT_TOKEN_HEADER', 'X\r\nY'],
    ['RATE_LIMITS', 'no'],
    ['RATE_LIMITS', 'false'],
    ['TRUST_PROXY', 'true'],
    ['GATEWAYS', 'n2o'],
    ['GATEWAYS', 'nereid,'],
    ['GATEWAYS', 'nereid,nereid'],
    ['GATEWAYS', 'none'],
    ['TRUST_PROXY', 'TRUE'],
    ['TRUST_PROXY', 'yes'],
    ['TRUST_PROXY', '0'],
    ['TRUST_PROXY', '*'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', 'loopback,'],
    ['LOG_LEVEL', 'verbose'],
    ['MONGODB_URI', 'localhost:27017'],
    ['REDIS_URL', 'http://localhost'],
  ])('refuse %s=%j and say what it takes', (variable, value) => {
    const mistakes = mistakesOf({ [variable]: value });

    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(new RegExp(`^${variable} takes .+`));
  });

  it('name all mistakes at once, one line each', () => {
    const mistakes = mistakesOf({
      PORT: 'eighty',
      RATE_LIMITS: 'maybe',
      TRUST_PROXY: 'true',
      LOG_LEVEL: 'loud\nand clear',
      CHAT_LIFETIME: 'forever',
    });

    const variables = mistakes.map((line) => line.split(' ')[0]);
    expect(variables.toSorted()).toEqual([
      'CHAT_LIFETIME',
      'LOG_LEVEL',
      'PORT',
      'RATE_LIMITS',
      'TRUST_PROXY',
    ]);
    for (const line of mistakes) expect(line).not.toContain('\n');
  });

  it('never repeat a secret', () => {
    const mistakes = mistakesOf({
      MONGODB_URI: 'user:hunter2@db.internal',
      REDIS_URL: 'hunter2@cache.internal',
      PORT: 'x',
    });

    expect(mistakes).toHaveLength(3);
    expect(mistakes.join('\n')).not.toMatch(/hunter2|internal/);
  });

  it('need both servers when distributed, and name those that are missing', () => {
    const both = { MONGODB_URI: 'mongodb://db/sfchat', REDIS_URL: 'redis://cache' };
    const mode = { SFCHAT_MODE: 'distributed' };

    expect(mistakesOf({ ...mode, ...both })).toEqual([]);
    const mistakes = mistakesOf(mode).map((line) => line.split(' ')[0]);
    expect(mistakes).toEqual(['MONGODB_URI', 'REDIS_URL']);
  });

  it('do not guess the mode from an address', () => {
    const { mode } = readSettings({
      MONGODB_URI: 'mongodb://db/sfchat',
      REDIS_URL: 'redis://cache',
    });

    expect(mode).toBe('embedded');
  });

  it('are one table for the README: a row for each variable', () => {
    const lines = settingsMarkdown().split('\n');

    expect(lines).toHaveLength(2 + Object.keys(settingsTable).length);
    for (const { variable } of Object.values(settingsTable)) {
      expect(lines.filter((line) => line.startsWith(`| \`${variable}\` `))).toHaveLength(1);
    }
  });
});

describe('a secret in a file', () => {
  let directory = '';
  const file = () => path.join(directory, 'secret');
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'sfchat-secret-'));
    writeFileSync(file(), 'correct horse & battery\n');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it.each([
    ['ADMIN_PASSWORD', 'adminPassword'],
    ['METRICS_TOKEN', 'metricsToken'],
  ] as const)('is read for %s, without the line break at its end', (variable, name) => {
    expect(readSettings({ [`${variable}_FILE`]: file() })[name]).toBe('correct horse & battery');
  });

  it.each([
    ['MONGODB_URI', 'mongodb://u:p@db/sfchat?replicaSet=rs0&w=majority'],
    ['REDIS_URL', 'redis://:p@redis:6379'],
  ])('is checked for %s like any other', (variable, address) => {
    const environment = { SFCHAT_MODE: 'embedded', [`${variable}_FILE`]: file() };
    expect(mistakesOf(environment).join()).toContain(`${variable} takes an address`);

    writeFileSync(file(), address);
    expect(mistakesOf(environment)).toEqual([]);
  });

  it('is refused when it is given twice, or cannot be read', () => {
    const twice = { ADMIN_PASSWORD: 'correct horse', ADMIN_PASSWORD_FILE: file() };
    expect(mistakesOf(twice)).toEqual([
      'ADMIN_PASSWORD and ADMIN_PASSWORD_FILE are both set: one of them',
    ]);
    expect(mistakesOf({ METRICS_TOKEN_FILE: path.join(directory, 'nothing') })).toEqual([
      'METRICS_TOKEN_FILE names a file that cannot be read: ENOENT',
    ]);
  });

  it('is for secrets alone', () => {
    expect(readSettings({ HOST_FILE: file() }).host).toBe('127.0.0.1');
  });
});

describe('the password of the administration', () => {
  it.each(['a', 'eleven char', 'ü'.repeat(11)])(
    'is refused when it is as short as "%s"',
    (short) => {
      expect(mistakesOf({ ADMIN_PASSWORD: short })).toEqual([
        'ADMIN_PASSWORD takes a text of at least 12 characters',
      ]);
    },
  );

  it('is taken from twelve characters on', () => {
    expect(mistakesOf({ ADMIN_PASSWORD: 'twelve chars' })).toEqual([]);
  });
});
