import { newToken } from '../../src/chat/chat.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import { captureLog } from '../support/captured-log.ts';
import { startService, type TestService } from '../support/test-service.ts';

describe('the log of a whole conversation', () => {
  const log = captureLog();
  const secrets = new Set<string>();
  let service: TestService;
  let failure: Error | null = null;

  beforeAll(async () => {
    service = await startService({
      logger: log.logger,
      environment: { TRUST_PROXY: '1', LIMIT_FAILED_JOINS: '3' },
      adapt: ({ store }) => {
        const send = store.send.bind(store);
        store.send = (sending) => (failure === null ? send(sending) : Promise.reject(failure));
        return {};
      },
    });
    await talk();
  });
  afterAll(() => service.close());

  /** Everything that can happen to a chat, and much that should not. */
  const talk = async (): Promise<void> => {
    const { client, held, parts } = service;
    const address = { 'X-Forwarded-For': '203.0.113.77' };
    const { creator, joiner } = await client.pair();
    const own = { msg: 'the text nobody else may read', _id: newToken() };
    const guess = newToken();
    for (const secret of [
      creator.chatToken,
      creator.userToken,
      joiner.userToken,
      own.msg,
      own._id,
      guess,
    ]) {
      secrets.add(secret);
    }
    secrets.add('203.0.113.77').add('127.0.0.1').add('tasty-cookie').add('secret-agent');

    await client.send(creator, own);
    for (const { _id } of (await client.receive(joiner)).results.messages) secrets.add(_id);
    await client.empty(joiner);
    const poll = client.hold(joiner, `?token=${joiner.userToken}`, address);
    await held(1);
    await client.send(creator, own.msg);
    await poll.answer;
    await client.join(creator.chatToken, address);
    for (let times = 0; times < 4; times += 1) await client.join(guess, address);
    await client.state({ ...creator, userToken: guess });
    await client.raw('GET', `/${creator.chatToken}?user=${creator.userToken}`, {
      headers: { ...address, Cookie: 'tasty-cookie=1', 'User-Agent': 'secret-agent' },
    });
    await client.raw('GET', `/api/v1/${creator.chatToken}/${creator.userToken}`);
    const broken = { person: creator, type: 'application/json', body: `{"${own.msg}` };
    await client.call('POST', 'messages.json', broken);
    await client.call('POST', 'messages.json', { ...broken, type: 'text/plain', body: own.msg });
    await client.send(creator, `${own.msg}\0`);
    failure = Object.assign(new TypeError('unexpected'), {
      parameters: [own.msg, creator.userToken],
    });
    await client.send(creator, own.msg);
    failure = new StorageUnavailable(new Error('the disk is full'));
    await client.send(creator, own.msg);
    failure = null;
    const gone = client.hold(creator);
    gone.abort();
    await client.close(joiner);
    await client.empty(creator);
    await client.empty(joiner);
    parts.stop();
  };

  it('has no token, no text and no address', () => {
    const text = log.lines().join('\n');

    expect(log.lines().length).toBeGreaterThan(20);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/[0-9a-f]{24}/);
    expect(text).not.toMatch(/nobody else/);
  });

  it('says what was asked for and how it ended', () => {
    const lines = log.lines().map((line) => JSON.parse(line) as Record<string, unknown>);

    expect(lines).toContainEqual(
      expect.objectContaining({ method: 'POST', route: '/api/v1/chat.json', code: 201 }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ method: 'PUT', route: '/api/v1/chat.json', code: 410 }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ method: 'POST', route: '/api/v1/messages.json', code: 500 }),
    );
  });

  it('keeps what went wrong inside the server: the error, not what it carried', () => {
    const errors = log.lines().filter((line) => line.includes('unexpected'));

    expect(errors.join('\n')).toContain('TypeError');
    expect(log.lines().join('\n')).toContain('the disk is full');
  });
});
