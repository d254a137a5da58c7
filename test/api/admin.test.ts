import type { Token } from '../../src/protocol.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { draftChat, creationOf } from '../support/chats.ts';
import { eventually } from '../support/eventually.ts';
import type { Person } from '../support/test-client.ts';
import {
  startService,
  useFreshService,
  useService,
  type TestService,
} from '../support/test-service.ts';

const PASSWORD = 'correct: höchst battery';
const MINUTE = 60_000;

const basic = (password: string, user = 'operator') => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const operator = basic(PASSWORD);
const sameSite = { ...operator, 'Sec-Fetch-Site': 'same-origin' };
const form = 'application/x-www-form-urlencoded';

/** What a browser would send with the button of a page. */
const formIn = (html: string): string =>
  `form=${/name="form" value="([^"]+)"/.exec(html)?.[1] ?? 'missing'}`;
const tokensIn = (html: string): string[] => html.match(/[0-9a-f]{2}…[0-9a-f]{2}/g) ?? [];
const linkIn = (html: string, text: string): string | undefined =>
  new RegExp(`href="([^"]+)"[^>]*>${text}<`).exec(html)?.[1]?.replaceAll('&amp;', '&');
/** The state of a part, as long as its words and its colour say the same. */
const stateIn = (html: string, part: string): string | undefined =>
  new RegExp(
    `<div class="state (\\w+)"><dt>${part}</dt><dd><span aria-hidden="true">. </span>\\1</dd>`,
  ).exec(html)?.[1];
const figureIn = (html: string, name: string): string | undefined =>
  new RegExp(`<dt>${name}</dt><dd>([^<]*)</dd>`).exec(html)?.[1];
const wordsIn = (html: string, name: string): string | undefined =>
  new RegExp(`<dt>${name}</dt><dd>[^<]*</dd><dd class="admin-words">([^<]*)</dd>`).exec(html)?.[1];
/** What is in use of a limit, of how much, and how often it refused. */
const limitIn = (html: string, name: string): string[] | undefined =>
  new RegExp(`<th scope="row">${name}</th><td>([^<]*)</td><td>([^<]*)</td><td>([^<]*)</td>`)
    .exec(html)
    ?.slice(1);
const resultIn = ({ text }: { text: string }): string | undefined =>
  /role="status">([^<]+)</.exec(text)?.[1];
/** A lifetime passes by the machine's time alone: what is done every few seconds is not done thousands of times. */
const outlive = ({ clock, timing }: TestService): void => {
  clock.setForward(timing.chatLifetimeMs);
};
const mask = (token: Token): string => `${token.slice(0, 2)}…${token.slice(-2)}`;

describe('administration without a password', () => {
  const service = useService();

  it.each(['/admin', '/admin/', '/admin/style.css', '/admin/queues', '/admin/queues/api/queues'])(
    'answers %s like any unknown page',
    async (path) => {
      const unknown = await service().client.raw('GET', '/nothing-here');
      const answer = await service().client.raw('GET', path, { headers: operator });

      expect(answer.status).toBe(404);
      expect(answer.text).toBe(unknown.text);
      expect({ ...answer.headers, date: '' }).toEqual({ ...unknown.headers, date: '' });
    },
  );

  it('answers a form like any unknown page', async () => {
    const unknown = await service().client.raw('POST', '/nothing-here');
    const answer = await service().client.raw('POST', '/admin', { headers: operator });

    expect(answer.status).toBe(404);
    expect(answer.text).toBe(unknown.text);
  });
});

describe('access to the administration', () => {
  const service = useFreshService({ environment: { ADMIN_PASSWORD: PASSWORD } });
  const get = (headers: Record<string, string>, path = '/admin') =>
    service().client.raw('GET', path, { headers });
  const wrongTimes = async (count: number, headers = basic('wrong')) => {
    for (let index = 0; index < count; index += 1) await get(headers);
  };

  it('asks for the password, and for UTF-8', async () => {
    const answer = await get({});

    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=".*", charset="UTF-8"$/);
  });

  it.each(['/admin', '/admin/', '/admin/style.css', '/admin/queues', '/admin/anything'])(
    'shows nothing of %s without it, and lets nobody keep the answer',
    async (path) => {
      for (const headers of [{}, basic(''), basic('wrong'), { Authorization: 'Bearer x' }]) {
        const answer = await get(headers, path);
        expect(answer.status).toBe(401);
        expect(answer.headers['cache-control']).toBe('no-store');
      }
    },
  );

  it('takes the password with any user name', async () => {
    for (const user of ['', 'root', 'jürgen']) {
      expect((await get(basic(PASSWORD, user))).status).toBe(200);
    }
  });

  it('lets nobody keep what it answers, known or unknown', async () => {
    for (const path of ['/admin', '/admin/style.css', '/admin/anything']) {
      const answer = await get(operator, path);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-security-policy']).not.toContain('unsafe');
    }
    expect((await get(operator, '/admin/anything')).status).toBe(404);
  });

  it('has no queue board in embedded mode', async () => {
    expect((await get(operator, '/admin/queues/')).status).toBe(404);
  });

  it('does not count a request without a password as a guess', async () => {
    await wrongTimes(20, {} as ReturnType<typeof basic>);

    expect((await get(operator)).status).toBe(200);
  });

  it('does not count the right password as a guess', async () => {
    await wrongTimes(20, operator);

    expect((await get(operator)).status).toBe(200);
  });

  it('refuses every password after ten wrong ones, and says for how long', async () => {
    await wrongTimes(10);
    const answer = await get(operator);

    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(600);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('compares no more than ten of many guesses at once', async () => {
    const guesses = Array.from({ length: 40 }, () => get(basic('wrong')));
    const codes = (await Promise.all(guesses)).map(({ status }) => status);

    expect(codes.filter((code) => code === 401)).toHaveLength(10);
    expect(codes.filter((code) => code === 429)).toHaveLength(30);
  });

  it('counts the refused guesses', async () => {
    await wrongTimes(12);
    const metrics = await service().client.raw('GET', '/metrics');

    expect(metrics.text).toContain('sfchat_limit_refusals_total{limit="admin_logins"} 2');
  });

  it('does not limit guesses where limits are off', async () => {
    const unlimited = await startService({
      environment: { ADMIN_PASSWORD: PASSWORD, RATE_LIMITS: 'off' },
    });
    for (let index = 0; index < 12; index += 1) {
      await unlimited.client.raw('GET', '/admin', { headers: basic('wrong') });
    }
    const answer = await unlimited.client.raw('GET', '/admin', { headers: operator });
    await unlimited.close();

    expect(answer.status).toBe(200);
  });
});

describe('guesses from many addresses', () => {
  const service = useFreshService({ environment: { ADMIN_PASSWORD: PASSWORD, TRUST_PROXY: '1' } });
  const from = async (address: string, password: string): Promise<number> => {
    const headers = { ...basic(password), 'X-Forwarded-For': address };
    return (await service().client.raw('GET', '/admin/style.css', { headers })).status;
  };
  /** More than the strangers of ten minutes have together, each from an address of its own. */
  const flood = async (): Promise<number[]> => {
    const codes: number[] = [];
    for (let index = 0; index < 110; index += 1) {
      codes.push(await from(`198.51.100.${index}`, 'wrong'));
    }
    return codes;
  };

  it('are slowed together, however many the addresses', async () => {
    const codes = await flood();

    expect(codes.slice(0, 100).every((code) => code === 401)).toBe(true);
    expect(codes.slice(101).every((code) => code === 429)).toBe(true);
    expect(await from('203.0.113.7', PASSWORD)).toBe(429);
  });

  it('are compared no more often when they come at once', async () => {
    const guesses = Array.from({ length: 150 }, (_, index) => from(`198.51.100.${index}`, 'wrong'));
    const codes = await Promise.all(guesses);

    expect(codes.filter((code) => code === 401)).toHaveLength(100);
  });

  it('do not lock the operator out where the password was right before', async () => {
    expect(await from('203.0.113.7', PASSWORD)).toBe(200);
    await flood();

    expect(await from('203.0.113.7', PASSWORD)).toBe(200);
    expect(await from('203.0.113.8', PASSWORD)).toBe(429);
  });

  it('do not lock the operator out on the machine itself', async () => {
    await flood();
    const { status } = await service().client.raw('GET', '/admin', { headers: operator });

    expect(status).toBe(200);
  });

  it('are limited from an address of the operator as from any other', async () => {
    await from('203.0.113.7', PASSWORD);
    const codes: number[] = [];
    for (let index = 0; index < 12; index += 1) codes.push(await from('203.0.113.7', 'wrong'));

    expect(codes.filter((code) => code === 401)).toHaveLength(10);
  });
});

describe('what an operator sees first', () => {
  const environment = {
    ADMIN_PASSWORD: PASSWORD,
    LIMIT_CONNECTIONS: '10',
    LIMIT_FAILED_JOINS: '2',
    LIMIT_HELD_POLLS: '50',
    LIMIT_LIVE_CHATS: '8',
    LIMIT_STORED_MEGABYTES: '2',
  };
  const service = useFreshService({ environment });
  const get = (path = '/admin', headers: Record<string, string> = operator) =>
    service().client.raw('GET', path, { headers });

  it('is each part with its state in words, and one sentence for all of them', async () => {
    const { text } = await get();

    expect(text).toContain('Everything works.');
    for (const part of ['server', 'storage', 'wake']) expect(stateIn(text, part)).toBe('ok');
    expect(stateIn(text, 'worker')).toBeUndefined();
  });

  it('is the version, the mode and how long the process is up', async () => {
    await service().clock.advance(90 * MINUTE);
    const { text } = await get();

    expect(figureIn(text, 'Version')).toBe('development');
    expect(wordsIn(text, 'Version')).toBe(`embedded, Node.js ${process.version}`);
    expect(figureIn(text, 'Up for')).toBe('1 h 30 min');
  });

  it('is when the termination finished last, and what it did', async () => {
    await service().client.creator();
    outlive(service());
    await service().parts.terminate();
    await service().clock.advance(2 * MINUTE);
    const { text } = await get();

    expect(figureIn(text, 'Last termination')).toBe('2 min ago');
    expect(wordsIn(text, 'Last termination')).toMatch(/UTC: ended 1, removed 0, in \d+ ms$/);
  });

  it('is what there is beside its limits', async () => {
    const { creator } = await service().client.quietPair();
    await service().client.creator();
    const poll = service().client.hold(creator);
    await eventually(() => service().parts.longPoller.size() === 1);
    const { text } = await get();
    poll.abort();

    expect(figureIn(text, 'Held polls')).toBe('1');
    expect(wordsIn(text, 'Held polls')).toBe('of 50 (2 %), in this process');
    expect(figureIn(text, 'Live chats')).toBe('2');
    expect(wordsIn(text, 'Live chats')).toBe('of 8 (25 %)');
    expect(wordsIn(text, 'Stored megabytes')).toMatch(/^of 2 \(/);
    expect(wordsIn(text, 'Connections')).toMatch(/^of 10 \(\d+ %\), to this process$/);
  });

  it('is what of each limit is in use, and how often it refused somebody', async () => {
    const { creator } = await service().client.quietPair();
    const poll = service().client.hold(creator);
    await eventually(() => service().parts.longPoller.size() === 1);
    const codes: number[] = [];
    for (const digit of '123') codes.push((await service().client.join(digit.repeat(24))).status);
    const { text } = await get();
    poll.abort();

    expect(codes).toEqual([404, 404, 429]);
    expect(limitIn(text, 'Held polls of one address')).toEqual(['1', '1,000', '0']);
    expect(limitIn(text, 'Connections')?.slice(1)).toEqual(['10', '0']);
    expect(limitIn(text, 'Live chats')).toEqual(['1', '8', '0']);
    expect(limitIn(text, 'Wrong codes of one address')).toEqual(['', '', '1']);
  });

  it('says that there is no limit where there is none', async () => {
    const unlimited = await startService({ environment: { ...environment, RATE_LIMITS: 'off' } });
    const { text } = await unlimited.client.raw('GET', '/admin', { headers: operator });
    await unlimited.close();

    expect(wordsIn(text, 'Live chats')).toBe('no limit');
  });

  it('renews itself without a script, until somebody lets it stand still', async () => {
    const renewed = await get('/admin?status=draft');
    const still = linkIn(renewed.text, 'Let it stand still');
    const standing = await get(still);

    expect(renewed.headers['refresh']).toBe('15');
    expect(renewed.text).not.toContain('<script');
    expect(renewed.text).toContain(new Date(service().clock.now()).toISOString());
    expect(still).toBe('/admin?status=draft&renew=off');
    expect(standing.headers['refresh']).toBeUndefined();
    expect(linkIn(standing.text, 'Let it renew itself')).toBe('/admin?status=draft');
  });

  it('renews nothing but itself: no result, no question for the password, no error', async () => {
    const body = formIn((await get()).text);
    const result = await service().client.raw('POST', '/admin', {
      headers: sameSite,
      type: form,
      body,
    });

    expect(resultIn(result)).toContain('Termination ran');
    expect(result.headers['refresh']).toBeUndefined();
    expect((await get('/admin', {})).headers['refresh']).toBeUndefined();
    expect((await get('/admin/anything')).headers['refresh']).toBeUndefined();
  });
});

describe('the administration while wake-ups are late', () => {
  const service = useService({
    environment: { ADMIN_PASSWORD: PASSWORD },
    adapt: ({ wakeBus }) => ({
      wakeBus: { ...wakeBus, isHealthy: () => false },
      pingWake: () => Promise.reject(new Error('away')),
    }),
  });

  it('tells that from a service that works, in words and in colour', async () => {
    const { text } = await service().client.raw('GET', '/admin', { headers: operator });

    expect(text).toContain('<p class="verdict degraded">');
    expect(text).toContain('Degraded: wake.');
    expect(text).not.toContain('Everything works.');
    expect(stateIn(text, 'wake')).toBe('degraded');
    expect(text).toContain('Messages arrive a few seconds late');
    expect(figureIn(text, 'Wake-ups take')).toBe('no answer');
  });
});

describe('the list of chats', () => {
  const service = useFreshService({ environment: { ADMIN_PASSWORD: PASSWORD } });
  const page = async (path = '/admin') =>
    (await service().client.raw('GET', path, { headers: operator })).text;
  const drafts = async (count: number): Promise<Token[]> => {
    const tokens: Token[] = [];
    for (let index = 0; index < count; index += 1) {
      const chat = draftChat({ created: service().clock.now() + index });
      await service().backend.store.create(creationOf(chat));
      tokens.unshift(chat.token);
    }
    return tokens;
  };

  it('counts the chats of each status', async () => {
    await service().client.creator();
    await service().client.pair();
    const { creator } = await service().client.pair();
    await service().client.close(creator);
    const html = await page();

    for (const status of ['draft', 'ready', 'closed']) {
      expect(html).toContain(`<dt>${status}</dt><dd>1</dd>`);
    }
  });

  it('shows a masked token, when it was created, its status and how many people', async () => {
    const { creator } = await service().client.pair();
    const html = await page();
    const created = new Date(service().clock.now()).toISOString();

    expect(html).toContain(mask(creator.chatToken));
    expect(html).toContain(`<time datetime="${created}">`);
    expect(html).toContain('<td>ready</td>');
    expect(html).toContain('<td>2</td>');
  });

  it('shows no token, no text and no address, not even in its links', async () => {
    const { creator, joiner } = await service().client.pair();
    await service().client.send(creator, 'only for you');
    const tokens = await drafts(60);
    const first = await page();
    const second = await page(linkIn(first, 'Older'));

    for (const html of [first, second]) {
      for (const token of [...tokens, creator.chatToken, creator.userToken, joiner.userToken]) {
        expect(html).not.toContain(token);
        expect(html).not.toContain(Buffer.from(token, 'hex').toString('base64url'));
      }
      expect(html).not.toMatch(/[0-9a-f]{24}/);
      expect(html).not.toContain('only for you');
      expect(html).not.toContain('127.0.0.1');
    }
  });

  it('pages through all of them, the newest first, each once', async () => {
    const tokens = await drafts(60);
    const seen: string[] = [];
    for (let path: string | undefined = '/admin'; path !== undefined;) {
      const html = await page(path);
      seen.push(...tokensIn(html));
      path = linkIn(html, 'Older');
    }

    expect(seen).toEqual(tokens.map(mask));
  });

  it('keeps the status on the way from page to page', async () => {
    const { creator } = await service().client.pair();
    await service().clock.advance(1);
    await drafts(30);
    const first = await page('/admin?status=draft');
    const second = await page(linkIn(first, 'Older'));

    expect(tokensIn(first)).toHaveLength(25);
    expect(tokensIn(second)).toHaveLength(5);
    expect(second).not.toContain(mask(creator.chatToken));
    expect(tokensIn(await page('/admin?status=ready'))).toEqual([mask(creator.chatToken)]);
    expect(tokensIn(await page('/admin?status=closed'))).toEqual([]);
  });

  it.each(['', 'x', '0123456789abcdef01234567', 'A'.repeat(62), 'A'.repeat(64)])(
    'begins at the newest where a link is not its own: %j',
    async (before) => {
      const [newest] = await drafts(30);

      expect(tokensIn(await page(`/admin?status=nonsense&before=${before}`))[0]).toBe(
        mask(newest!),
      );
    },
  );

  it('continues among chats of the same millisecond, and names none of them in a link', async () => {
    const { clock, backend } = service();
    const chats = Array.from({ length: 60 }, () => draftChat({ created: clock.now() }));
    for (const chat of chats) await backend.store.create(creationOf(chat));

    const seen: string[] = [];
    for (let link: string | undefined = '/admin'; link !== undefined;) {
      const html = await page(link);
      seen.push(...tokensIn(html));
      link = linkIn(html, 'Older');
      expect(link ?? '').not.toMatch(/[0-9a-f]{24}/);
    }

    const expected = chats.map(({ token }) => mask(token));
    expect(seen.filter((token) => expected.includes(token)).toSorted()).toEqual(
      expected.toSorted(),
    );
  });

  it.each(['before=x&shown=1', 'before=1', 'shown=1', 'before=1&before=2&shown=1'])(
    'begins with the newest for a link that is none of ours: %s',
    async (query) => {
      const tokens = await drafts(1);

      expect(tokensIn(await page(`/admin?${query}`))[0]).toBe(mask(tokens[0]!));
    },
  );
});

describe('the administration of a storage that goes away and comes back', () => {
  let isAway: boolean;
  const service = useFreshService({
    environment: { ADMIN_PASSWORD: PASSWORD },
    adapt: ({ store }) => {
      const answer = store.ping.bind(store);
      const ping = () =>
        isAway ? Promise.reject(new StorageUnavailable(new Error('away'))) : answer();
      return { store: Object.assign(store, { ping }) };
    },
  });
  const trouble = async () => {
    const { text } = await service().client.raw('GET', '/admin', { headers: operator });
    return `${figureIn(text, 'Last trouble')}: ${wordsIn(text, 'Last trouble')}`;
  };
  const time = () => new Date(service().clock.now()).toISOString().slice(0, 19).replace('T', ' ');
  beforeEach(() => {
    isAway = false;
  });

  it('says it of a time in which nobody asked', async () => {
    const { clock } = service();
    await clock.advance(5000);

    isAway = true;
    await clock.advance(5000);
    const from = time();
    await clock.advance(120_000);
    isAway = false;
    await clock.advance(5000);
    const until = time();
    await clock.advance(3_600_000);

    expect(await trouble()).toBe(`storage: over since ${until} UTC, began at ${from} UTC`);
  });

  it('says since when, and when it was over', async () => {
    expect(await trouble()).toMatch(/^none seen/);

    isAway = true;
    const from = time();
    await eventually(
      async () => (await trouble()) === `storage: since ${from} UTC`,
      'the trouble is on the page',
    );

    await service().clock.advance(60_000);
    isAway = false;
    const until = time();
    await eventually(
      async () => (await trouble()) === `storage: over since ${until} UTC, began at ${from} UTC`,
      'the end of the trouble is on the page',
    );
  });
});

describe('the administration while MongoDB and Redis are away', () => {
  const service = useService({
    environment: {
      ADMIN_PASSWORD: PASSWORD,
      SFCHAT_MODE: 'distributed',
      MONGODB_URI: 'mongodb://127.0.0.1:1/sfchat',
      REDIS_URL: 'redis://127.0.0.1:1',
    },
  });

  it('names them', async () => {
    const { text } = await service().client.raw('GET', '/admin', { headers: operator });

    expect(text).toContain('Down: storage. Degraded: wake, worker.');
    expect(text).toContain('MongoDB does not answer');
    expect(text).toContain('Redis does not answer');
  });
});

describe('the administration while the storage is away', () => {
  const service = useService({
    environment: { ADMIN_PASSWORD: PASSWORD },
    adapt: () => {
      const away = () => Promise.reject(new StorageUnavailable(new Error('away')));
      const store = new Proxy({}, { get: () => away });
      return { store: store as never };
    },
  });

  it('says so, and shows the rest', async () => {
    const answer = await service().client.raw('GET', '/admin', { headers: operator });

    expect(answer.status).toBe(200);
    expect(answer.text).toContain('The storage does not answer.');
    expect(answer.text).toContain('Down: storage.');
    expect(stateIn(answer.text, 'storage')).toBe('down');
    expect(answer.text).toContain('The disk is full or cannot be written');
    expect(stateIn(answer.text, 'server')).toBe('ok');
    expect(figureIn(answer.text, 'Live chats')).toBe('not known');
    expect(figureIn(answer.text, 'Stored megabytes')).toBe('not known');
    expect(figureIn(answer.text, 'Storage answers in')).toBe('no answer');
    expect(answer.text).toContain('Held polls');
  });

  it('says that a run of the termination failed', async () => {
    const { client } = service();
    const { text } = await client.raw('GET', '/admin', { headers: operator });
    const answer = await client.raw('POST', '/admin', {
      headers: sameSite,
      type: form,
      body: formIn(text),
    });

    expect(resultIn(answer)).toContain('Termination failed.');
  });
});

describe('running the termination', () => {
  const service = useFreshService({ environment: { ADMIN_PASSWORD: PASSWORD } });
  const freshForm = async () =>
    formIn((await service().client.raw('GET', '/admin', { headers: operator })).text);
  const press = (headers: Record<string, string>, body: string) =>
    service().client.raw('POST', '/admin', { headers, type: form, body });

  it('ends and removes what is over, and says how much', async () => {
    await service().client.creator();
    await service().client.pair();
    outlive(service());
    const ended = await press(sameSite, await freshForm());
    await service().clock.advance(service().timing.closedGraceMs);
    const removed = await press(sameSite, await freshForm());

    expect(ended.status).toBe(200);
    expect(resultIn(ended)).toContain('ended: 2. Finished and removed: 0.');
    expect(ended.text).toContain('<dt>closed</dt><dd>2</dd>');
    expect(resultIn(removed)).toContain('ended: 0. Finished and removed: 2.');
  });

  it.each<[string, Record<string, string>]>([
    ['from another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['from a sibling of this site', { 'Sec-Fetch-Site': 'same-site' }],
    ['from nowhere that is known', { Origin: 'null' }],
    ['from another origin', { Origin: 'https://example.org' }],
  ])('does nothing when it was asked %s', async (_where, headers) => {
    const answer = await press({ ...operator, ...headers }, await freshForm());

    expect(answer.status).toBe(403);
    expect(resultIn(answer)).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('takes the form of a browser, which names no origin here', async () => {
    const answer = await press({ ...sameSite, Origin: 'null' }, await freshForm());

    expect(resultIn(answer)).toContain('Termination ran');
  });

  it('takes the form of an old browser, which names its origin only', async () => {
    const headers = { ...operator, Host: 'chat.example', Origin: 'https://chat.example' };

    expect(resultIn(await press(headers, await freshForm()))).toContain('Termination ran');
  });

  it.each(['', 'form=', 'form=guess', 'form=a&form=b', 'other=x'])(
    'does nothing with the form %j',
    async (body) => {
      expect((await press(sameSite, body)).status).toBe(403);
    },
  );

  it('does nothing without the password', async () => {
    const body = await freshForm();

    expect((await press({ 'Sec-Fetch-Site': 'same-origin' }, body)).status).toBe(401);
  });

  it('does nothing on GET, HEAD and methods that it does not have', async () => {
    await service().client.creator();
    outlive(service());
    await service().client.raw('GET', `/admin?${await freshForm()}`, { headers: sameSite });
    await service().client.raw('HEAD', '/admin', { headers: sameSite });
    const put = await service().client.raw('PUT', '/admin', { headers: sameSite });

    expect(put.status).toBe(501);
    expect(put.headers['allow']).toBe('GET, HEAD, POST');
    expect(await service().backend.store.countByStatus()).toMatchObject({ draft: 1 });
  });
});

describe('the charts', () => {
  const service = useFreshService({ environment: { ADMIN_PASSWORD: PASSWORD } });
  const page = async () =>
    (await service().client.raw('GET', '/admin', { headers: operator })).text;
  /** The rows of the table, the newest first: created, joined, closed, held. */
  const rows = async () =>
    [
      ...(await page()).matchAll(/<tr><th scope="row">\d\d:\d\d<\/th>((?:<td>\d+<\/td>)+)<\/tr>/g),
    ].map(([, cells]) => [...cells!.matchAll(/\d+/g)].map(Number));

  it('show each minute by itself, the running one too', async () => {
    await service().client.creator();
    await service().clock.advance(MINUTE);
    const { creator, joiner } = await service().client.quietPair();
    await service().clock.advance(MINUTE);
    await service().client.close(creator);
    await service().client.empty(joiner);

    expect(await rows()).toEqual([
      [0, 0, 1, 0],
      [1, 1, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  it.each<[string, (creator: Person) => Promise<unknown>]>([
    ['that somebody has closed', (creator) => service().client.close(creator)],
    [
      'that somebody has left',
      async (creator) => {
        await service().clock.advance(6 * MINUTE);
        await service().client.receive(creator);
      },
    ],
    [
      'over its lifetime, when somebody comes to it',
      async (creator) => {
        outlive(service());
        await service().client.receive(creator);
      },
    ],
    [
      'over its lifetime, when the termination runs',
      async () => {
        outlive(service());
        const body = formIn(await page());
        await service().client.raw('POST', '/admin', { headers: sameSite, type: form, body });
      },
    ],
  ])('count a chat as closed once: one %s', async (_which, end) => {
    const { creator } = await service().client.quietPair();
    expect((await rows()).map(([, , closed]) => closed)).toEqual([0]);

    await end(creator);

    const closed = (await rows()).map((row) => row[2]!);
    expect(closed.reduce((sum, count) => sum + count)).toBe(1);
  });

  it('show the held polls of now', async () => {
    const { creator } = await service().client.quietPair();
    const poll = service().client.hold(creator);
    await eventually(() => service().parts.longPoller.size() === 1);

    expect((await rows())[0]).toEqual([1, 1, 0, 1]);
    poll.abort();
  });

  it('keep an hour and no more', async () => {
    await service().client.creator();
    await service().clock.advance(90 * MINUTE);
    const minutes = await rows();

    expect(minutes).toHaveLength(60);
    expect(minutes.flat().every((value) => value === 0)).toBe(true);
  });

  it('say what they show to those who do not see them', async () => {
    const html = await page();

    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html.match(/role="img" aria-labelledby="\w+-title \w+-text"/g)).toHaveLength(4);
    expect(html.match(/<title id="/g)).toHaveLength(4);
    expect(html.match(/<desc id="/g)).toHaveLength(4);
  });

  it('stop with the service', () => {
    service().parts.stop();

    expect(service().clock.pending).toBe(0);
  });
});
