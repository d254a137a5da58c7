import { newToken } from '../../../src/chat/chat.ts';
import { StorageUnavailable } from '../../../src/chat/failures.ts';
import { useNereid } from './use-nereid.ts';

const HOUR = 3_600_000;

describe('a chat token of nereid', () => {
  const nereid = useNereid({ environment: { ABSENCE_CLOSE_AFTER: '86400' } });
  const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  it('is a uuid, for a participant, and another one each time', async () => {
    const { creator } = await nereid().client.pair();

    const first = await nereid().ask('POST', 'token', { person: creator });
    const second = await nereid().ask('POST', 'token', { person: creator });

    expect(first).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(first.body).toEqual({ token: expect.stringMatching(uuid4) as unknown });
    expect(second.body).not.toEqual(first.body);
  });

  it('is for nobody who is none', async () => {
    const { creator } = await nereid().client.pair();

    for (const person of [{}, { ...creator, userToken: newToken() }]) {
      const { status, headers } = await nereid().ask('POST', 'token', { person });
      expect({ status, scheme: headers['www-authenticate'] }).toEqual({
        status: 401,
        scheme: 'SFChat',
      });
    }
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'] as const)('is not to be had by %s', async (method) => {
    const { creator: person } = await nereid().client.pair();

    const answer = await nereid().ask(method, 'token', { person });

    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  });

  it('opens the stream and sends, as a field and as a bearer', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const token = await nereid().token(creator);
    const form = { thread_id: creator.chatToken, message: 'Hi' };

    const stream = await nereid().stream({ path: `/nereid-chat/stream/${token}` });
    const byField = await nereid().post('send-message', { ...form, token });
    const byBearer = await nereid().ask('POST', 'send-message', {
      headers: { Authorization: `Bearer ${token}` },
      type: 'application/x-www-form-urlencoded',
      body: new URLSearchParams(form).toString(),
    });

    expect(stream.response.statusCode).toBe(200);
    expect([byField.status, byBearer.status]).toEqual([200, 200]);
    expect((await nereid().client.receive(joiner)).results.count).toBe(2);
  });

  it('is good for nothing else', async () => {
    const { creator, joiner } = await nereid().client.pair();
    const token = await nereid().token(creator);
    const headers = { Authorization: `Bearer ${token}` };
    const user = `${joiner.chatToken}_2`;
    const type = 'application/x-www-form-urlencoded';

    const body = new URLSearchParams({ user, token }).toString();
    const session = await nereid().ask('POST', 'start-session', { headers, type, body });
    const friends = await nereid().ask('GET', 'get-friends', { headers });
    const another = await nereid().ask('POST', 'token', { headers });
    const state = await nereid().client.call('GET', 'chat.json', { headers });

    expect([session.status, friends.status, another.status, state.status]).toEqual([
      401, 401, 401, 401,
    ]);
  });

  it('is unknown after an hour, and before it was made', async () => {
    const { creator } = await nereid().client.pair();
    const token = await nereid().token(creator);
    const path = `/nereid-chat/stream/${token}`;
    const form = { thread_id: creator.chatToken, message: 'Hi', token };

    await nereid().clock.advance(HOUR - 1);
    expect((await nereid().stream({ path })).response.statusCode).toBe(200);
    await nereid().clock.advance(1);
    expect((await nereid().stream({ path })).response.statusCode).toBe(404);
    expect((await nereid().post('send-message', form)).status).toBe(401);
    for (const unknown of [newToken(), crypto.randomUUID(), '%00', 'x'.repeat(500)]) {
      const stream = await nereid().stream({ path: `/nereid-chat/stream/${unknown}` });
      expect(stream.response.statusCode).toBe(404);
    }
  });

  it('ends with its chat', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const token = await nereid().token(creator);
    await nereid().client.close(joiner);
    await nereid().client.empty(creator);
    await nereid().client.empty(joiner);

    const stream = await nereid().stream({ path: `/nereid-chat/stream/${token}` });

    expect(stream.response.statusCode).toBe(404);
  });

  it('gives way to newer ones, so that nobody fills the memory', async () => {
    const { creator } = await nereid().client.pair();
    const tokens: string[] = [];
    for (let count = 0; count < 8; count += 1) tokens.push(await nereid().token(creator));

    const first = await nereid().stream({ path: `/nereid-chat/stream/${tokens[0]}` });
    const last = await nereid().stream({ path: `/nereid-chat/stream/${tokens.at(-1)}` });

    expect([first.response.statusCode, last.response.statusCode]).toEqual([404, 200]);
  });
});

describe('where chat tokens of nereid are kept', () => {
  const kept: string[] = [];
  let isAway = false;
  const nereid = useNereid({
    adapt: ({ expiringValues }) => ({
      expiringValues: {
        keep: (value) => {
          kept.push(JSON.stringify(value));
          return expiringValues.keep(value);
        },
        find: (key, now) =>
          isAway
            ? Promise.reject(new StorageUnavailable(new Error('away')))
            : expiringValues.find(key, now),
      },
    }),
  });

  it('they are not, nor what they stand for', async () => {
    const { creator } = await nereid().client.pair();

    const token = await nereid().token(creator);

    const all = kept.join('\n');
    expect(kept).toHaveLength(1);
    for (const secret of [token, creator.userToken, creator.chatToken]) {
      expect(all).not.toContain(secret);
      expect(all).not.toContain(Buffer.from(secret, 'hex').toString('base64').slice(0, 14));
    }
  });

  it('may be away for a while: the client is told to come back', async () => {
    const { creator } = await nereid().client.pair();
    const token = await nereid().token(creator);
    isAway = true;

    const answer = await nereid().ask('GET', `stream/${token}`);
    isAway = false;

    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
  });
});
