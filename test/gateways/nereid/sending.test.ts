import { createHash, randomUUID } from 'node:crypto';
import { textsIn, type Person } from '../../support/test-client.ts';
import { useNereid } from './use-nereid.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('send-message', () => {
  const nereid = useNereid({ environment: { LIMIT_MESSAGES: '5' } });
  const send = (person: Person, fields: Record<string, string>) =>
    nereid().post('send-message', { thread_id: person.chatToken, ...fields }, person);

  it('stores a message and names it as the client did', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const id = randomUUID();

    const answer = await send(creator, { message: 'Grüße & 🦊 + mehr', type: 'plain', id });

    expect(answer).toMatchObject({ status: 200, body: { UUID: id } });
    const inbox = await nereid().client.receive(joiner);
    const _id = createHash('sha256').update(`gateway${creator.userToken}${id}`).digest('hex');
    expect(inbox.results.messages).toEqual([
      { _id: _id.slice(0, 24), msg: 'Grüße & 🦊 + mehr', system: false },
    ]);
  });

  it('makes an id where the client has made none', async () => {
    const { creator } = await nereid().client.quietPair();

    const { body } = await send(creator, { message: 'Hi' });

    expect(body['UUID']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('stores a repeat once, by whatever the client proves itself', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const form = { thread_id: creator.chatToken, message: 'Hi', id: randomUUID() };
    const token = await nereid().token(creator);

    const answers = [
      await nereid().post('send-message', form, creator),
      await nereid().post('send-message', { ...form, token }),
      await nereid().post('send-message', form, creator),
    ];
    await nereid().post('send-message', { ...form, thread_id: joiner.chatToken }, joiner);

    expect(answers.map(({ status, body }) => [status, body['UUID']])).toEqual(
      Array(3).fill([200, form.id]),
    );
    expect(textsIn(await nereid().client.receive(joiner))).toEqual(['Hi']);
    expect(textsIn(await nereid().client.receive(creator))).toEqual(['Hi']);
  });

  it.each([
    ['no thread', { thread_id: '', message: 'Hi' }, 400, 'thread_id'],
    ['no message', { message: '' }, 400, 'message'],
    ['a blank message', { message: ' \t ' }, 400, 'message'],
    ['a message that is too long', { message: 'x'.repeat(141) }, 400, 'message'],
    ['a NUL', { message: 'a\0b' }, 400, 'message'],
    ['HTML', { message: '<b>', type: 'html' }, 400, 'type'],
    ['reStructuredText', { message: '*b*', type: 'rst' }, 400, 'type'],
    ['an unknown type', { message: 'Hi', type: 'plain2' }, 400, 'type'],
    ['an id that is no UUID', { message: 'Hi', id: 'mine' }, 400, 'id'],
    ['a subject', { message: 'Hi', subject: 'Topic' }, 400, 'subject'],
    ['attachments', { message: 'Hi', attachments: '[1]' }, 400, 'attachments'],
  ])('refuses %s, says which field, and stores nothing', async (_what, fields, code, field) => {
    const { creator, joiner } = await nereid().client.quietPair();

    const { status, body } = await send(creator, fields);

    expect({ status, fields: Object.keys(body['errors'] as object) }).toEqual({
      status: code,
      fields: [field],
    });
    expect((await nereid().client.receive(joiner)).results.count).toBe(0);
  });

  it('refuses a thread that is not the caller’s', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const other = await nereid().client.quietPair();

    const answer = await send(creator, { thread_id: other.creator.chatToken, message: 'Hi' });

    expect(answer).toMatchObject({ status: 404, body: { message: 'Not Found' } });
    for (const person of [joiner, other.creator, other.joiner]) {
      expect((await nereid().client.receive(person)).results.count).toBe(0);
    }
  });

  it('waits for the talker, and ends with the chat', async () => {
    const creator = await nereid().client.creator();
    expect((await send(creator, { message: 'Hi' })).status).toBe(409);

    const joiner = await nereid().client.joiner(creator);
    expect((await send(creator, { message: 'Hi' })).status).toBe(200);

    await nereid().client.close(joiner);
    expect((await send(creator, { message: 'Hi' })).status).toBe(409);
  });

  it('uses the same budget as POST messages.json', async () => {
    const { creator } = await nereid().client.quietPair();
    await nereid().client.send(creator, 'one', 'two', 'three');
    expect((await send(creator, { message: 'four' })).status).toBe(200);
    expect((await send(creator, { message: 'five' })).status).toBe(200);

    const answer = await send(creator, { message: 'six' });

    expect(answer).toMatchObject({ status: 429, body: { message: 'Too Many Requests' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('takes no form of another type, and none that is too large', async () => {
    const { creator: person } = await nereid().client.quietPair();
    const post = (type: string, body: string) =>
      nereid().ask('POST', 'send-message', { person, type, body });

    expect((await post('application/json', '{"message":"Hi"}')).status).toBe(415);
    expect((await post('multipart/form-data; boundary=x', '--x--')).status).toBe(415);
    expect((await post(`${FORM}; charset=latin1`, 'message=Hi')).status).toBe(415);
    expect((await post(FORM, `message=${'x'.repeat(17_000)}`)).status).toBe(413);
    expect((await nereid().ask('POST', 'send-message', { person })).status).toBe(400);
  });

  it('is refused to pages of other sites', async () => {
    const { creator: person } = await nereid().client.quietPair();
    const call = { person, type: FORM, body: `thread_id=${person.chatToken}&message=Hi` };

    const headers = { 'Sec-Fetch-Site': 'cross-site' };

    expect((await nereid().ask('POST', 'send-message', { ...call, headers })).status).toBe(403);
  });

  it('is refused to strangers, with the budget of those who guess', async () => {
    const { creator } = await nereid().client.quietPair();
    const form = { thread_id: creator.chatToken, message: 'Hi' };

    const guesses = [
      await nereid().post('send-message', form),
      await nereid().post('send-message', { ...form, token: randomUUID() }),
      await nereid().post('send-message', { ...form, token: 'x' }, creator),
    ];

    expect(guesses.map(({ status }) => status)).toEqual([401, 401, 401]);
  });
});

describe('start-session', () => {
  const nereid = useNereid();
  const start = (person: Person, user: string) => nereid().post('start-session', { user }, person);

  it('gives the thread and its members for the other participant', async () => {
    const { creator, joiner } = await nereid().client.quietPair();
    const [first, second] = [`${creator.chatToken}_1`, `${creator.chatToken}_2`];
    const person = (id: string, displayName: string) => ({ objectType: 'person', id, displayName });

    expect(await start(creator, second)).toMatchObject({
      status: 200,
      body: {
        thread_id: creator.chatToken,
        members: [person(first, 'You'), person(second, 'Talker')],
      },
    });
    expect((await start(joiner, first)).status).toBe(200);
  });

  it('refuses anybody else, also who has not come yet', async () => {
    const { creator } = await nereid().client.quietPair();
    const other = await nereid().client.creator();

    for (const user of [`${creator.chatToken}_1`, `${creator.chatToken}_3`, '2', 'x'.repeat(999)]) {
      expect(await start(creator, user)).toMatchObject({ status: 403 });
    }
    expect(await start(creator, `${other.chatToken}_1`)).toMatchObject({ status: 403 });
    expect(await start(other, `${other.chatToken}_2`)).toMatchObject({ status: 403 });
  });

  it('needs a user, a participant and a chat that is not over', async () => {
    const { creator, joiner } = await nereid().client.quietPair();

    expect(await nereid().post('start-session', {}, creator)).toMatchObject({
      status: 400,
      body: { errors: { user: ['This field is required.'] } },
    });
    expect((await nereid().post('start-session', { user: 'x' })).status).toBe(401);
    await nereid().client.close(creator);
    expect((await start(joiner, `${creator.chatToken}_1`)).status).toBe(409);
  });
});

describe('get-friends', () => {
  const nereid = useNereid();
  const friendsOf = async (person: Person) =>
    (await nereid().ask('GET', 'get-friends', { person })).body;

  it('are none, or the talker with their presence', async () => {
    const creator = await nereid().client.creator();
    expect(await friendsOf(creator)).toEqual({ friends: [] });

    await nereid().client.joiner(creator);
    const entity = `${creator.chatToken}_2`;
    expect(await friendsOf(creator)).toEqual({
      friends: [{ entity, show: 'chat', available: true }],
    });
    await nereid().clock.advance(1001);
    expect(await friendsOf(creator)).toEqual({
      friends: [{ entity, show: 'chat', available: false }],
    });
  });

  it('are nobody else’s to know', async () => {
    expect((await nereid().ask('GET', 'get-friends')).status).toBe(401);
  });
});

describe('what nereid does not have here', () => {
  const nereid = useNereid();

  it.each(['', 'chat.js', 'chat-base', 'rooms', 'Token', 'token/'])('is 404: %s', async (name) => {
    const { creator: person } = await nereid().client.pair();

    expect(await nereid().ask('GET', name, { person })).toMatchObject({
      status: 404,
      body: { message: 'Not Found' },
    });
  });
});
