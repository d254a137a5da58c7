import { createHash } from 'node:crypto';
import { useService } from '../../support/test-service.ts';
import type { Person } from '../../support/test-client.ts';
import { creatorId, GradAgendaClient, gradagenda, joinerId, sending } from './support.ts';

describe('GradAgenda: what a client may ask for', () => {
  const service = useService({ environment: gradagenda });

  const enterBoth = async (chat = {}) => {
    const { creator, joiner } = await service().client.quietPair(chat);
    return {
      creator,
      joiner,
      one: await GradAgendaClient.enter(service(), creator, 1),
      two: await GradAgendaClient.enter(service(), joiner, 2),
    };
  };
  const both = (person: Person) => [creatorId(person), joinerId(person)];

  it('shows the chat as one mutable session with both participants', async () => {
    const { creator, one } = await enterBoth();

    const info = await one.ask({ type: 'request-mutable-session-listing' });

    expect(info).toEqual({
      cdid: expect.any(String) as string,
      type: 'providing-session-info',
      'session-id': creator.chatToken,
      'session-type': 'mutable',
      status: 'unchanged',
      'user-id': both(creator),
    });
    await one.settled();
    expect(one.actions.filter(({ type }) => type === 'providing-session-info')).toHaveLength(1);
  });

  it('creates the session with one participant and modifies it when the joiner comes', async () => {
    const creator = await service().client.creator();
    const one = await GradAgendaClient.enter(service(), creator, 1);

    const created = await one.find(({ status }) => status === 'created');
    await service().client.join(creator.chatToken);
    const modified = await one.find(({ status }) => status === 'modified');

    expect(created).toMatchObject({
      type: 'providing-session-info',
      'session-id': creator.chatToken,
      'session-type': 'mutable',
      'user-id': [creatorId(creator)],
    });
    expect(created).not.toHaveProperty('cdid');
    expect(modified).toMatchObject({ 'session-type': 'mutable', 'user-id': both(creator) });
  });

  it('tells who comes late the same', async () => {
    const { creator, joiner } = await service().client.pair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const two = await GradAgendaClient.enter(service(), joiner, 2);
    await one.find(({ event }) => event === 'joined');
    await two.find(({ event }) => event === 'ready');

    const told = (client: GradAgendaClient) =>
      client.actions.map((action) => [action.status ?? action.event, action['user-id']]);
    expect(told(one)).toEqual([
      ['created', [creatorId(creator)]],
      ['created', undefined],
      ['modified', both(creator)],
      ['joined', undefined],
    ]);
    expect(told(two)).toEqual([
      ['modified', both(creator)],
      ['ready', undefined],
    ]);
  });

  it('lists a session with one participant while nobody has joined', async () => {
    const creator = await service().client.creator();
    const one = await GradAgendaClient.enter(service(), creator, 1);

    const info = await one.ask({ type: 'request-mutable-session-listing' });

    expect(info).toMatchObject({ status: 'unchanged', 'user-id': [creatorId(creator)] });
  });

  it('gives the same session as a direct one for the other participant', async () => {
    const { creator, one, two } = await enterBoth();

    const mine = await one.ask({
      type: 'request-direct-session-info',
      'user-id': joinerId(creator),
    });
    const theirs = await two.ask({
      type: 'request-direct-session-info',
      'user-id': creatorId(creator),
    });

    expect(mine).toMatchObject({
      type: 'providing-session-info',
      'session-id': creator.chatToken,
      'session-type': 'direct',
      status: 'unchanged',
      'user-id': both(creator),
    });
    expect(theirs).toMatchObject({ 'session-type': 'direct', 'session-id': creator.chatToken });
  });

  it.each(['nobody', 'own'])('knows no direct session with %s', async (who) => {
    const { creator, one } = await enterBoth();
    const user = who === 'own' ? creatorId(creator) : `${'0'.repeat(24)}_2`;

    const answer = await one.ask({ type: 'request-direct-session-info', 'user-id': user });

    expect(answer).toMatchObject({ type: 'status-response', status: 'failed' });
  });

  it('knows no direct session while nobody has joined', async () => {
    const creator = await service().client.creator();
    const one = await GradAgendaClient.enter(service(), creator, 1);

    const answer = await one.ask({
      type: 'request-direct-session-info',
      'user-id': joinerId(creator),
    });

    expect(answer).toMatchObject({
      status: 'failed',
      message: 'the other participant has not joined yet',
    });
  });

  it('broadcasts a message to both, and keeps no copy of the sender', async () => {
    const { creator, joiner, one, two } = await enterBoth();

    const mine = await one.send(creator, 'Grüße, 世界 👋');
    const theirs = await two.find(({ type }) => type === 'message-broadcast');

    const common = {
      type: 'message-broadcast',
      'session-id': creator.chatToken,
      'sender-id': creatorId(creator),
      message: { type: 'text', body: 'Grüße, 世界 👋' },
    };
    expect(mine).toEqual({
      ...common,
      cdid: expect.any(String) as string,
      'sender-timestamp': 1_400_000_000_000,
      'message-id': theirs['message-id'],
    });
    expect(theirs).toEqual({
      ...common,
      'sender-timestamp': service().clock.now(),
      'message-id': expect.stringMatching(/^[0-9a-f]{24}$/) as string,
    });
    expect((await service().client.receive(creator)).results.messages).toEqual([]);
    await two.settled();
    expect((await service().client.receive(joiner)).results.messages).toEqual([]);
  });

  it('stores a repeat of a cdid once, by the id that it maps to', async () => {
    const { creator, one, two } = await enterBoth();

    const first = await one.send(creator, 'once', 'the same');
    const second = await one.send(creator, 'once', 'the same');
    await one.send(creator, 'last');
    await two.text('last');

    expect(two.textsFrom(creatorId(creator))).toEqual(['once', 'last']);
    expect(second['message-id']).toBe(first['message-id']);
    expect(first['message-id']).toBe(
      createHash('sha256').update(`gateway${creator.userToken}the same`).digest('hex').slice(0, 24),
    );
  });

  it('refuses another message under a cdid that was used, instead of losing it', async () => {
    const { creator, one, two } = await enterBoth();
    await one.send(creator, 'first', 'counter');

    const answer = await one.send(creator, 'second', 'counter');
    await one.send(creator, 'third');
    await two.text('third');

    expect(answer).toMatchObject({
      status: 'failed',
      message: 'cdid was used for another message',
    });
    expect(two.textsFrom(creatorId(creator))).toEqual(['first', 'third']);
  });

  it('stores a repeat once that comes over another connection', async () => {
    const { creator, one, two } = await enterBoth();
    await one.send(creator, 'once', 'retried');
    await one.close();
    const again = await GradAgendaClient.enter(service(), creator, 1);

    await again.send(creator, 'once', 'retried');
    await again.send(creator, 'last');
    await two.text('last');

    expect(two.textsFrom(creatorId(creator))).toEqual(['once', 'last']);
  });

  it.each([
    ['an empty text', ''],
    ['white space', ' \n\u3000'],
    ['a text that is too long', 'x'.repeat(141)],
    ['a NUL', 'a\0b'],
    ['a lone surrogate', 'a\ud800'],
  ])('refuses %s as POST does', async (_what, body) => {
    const { creator, joiner, one } = await enterBoth();

    const answer = await one.send(creator, body);

    expect(answer).toMatchObject({ type: 'status-response', status: 'failed' });
    expect(answer.message).toMatch(/^Bad Request: a message is 1 to 140 characters/);
    expect((await service().client.receive(joiner)).results.messages).toEqual([]);
  });

  it('takes texts of 140 characters that need four bytes each', async () => {
    const { creator, one, two } = await enterBoth();
    const text = '👋'.repeat(140);

    await one.send(creator, text);
    await two.find(({ type }) => type === 'message-broadcast');

    expect(two.textsFrom(creatorId(creator))).toEqual([text]);
  });

  it('carries the envelopes of an encrypted chat, and nothing else', async () => {
    const { creator, one, two } = await enterBoth({ encrypted: true });
    const envelope = `sfc1.${'aB3_-'.repeat(239)}`;

    const refused = await one.send(creator, 'no envelope');
    await one.send(creator, envelope);
    await two.find(({ type }) => type === 'message-broadcast');

    expect(refused).toMatchObject({
      status: 'failed',
      message: 'Bad Request: the message is not an envelope',
    });
    expect(two.textsFrom(creatorId(creator))).toEqual([envelope]);
  });

  it('refuses a message while nobody has joined', async () => {
    const creator = await service().client.creator();
    const one = await GradAgendaClient.enter(service(), creator, 1);

    const answer = await one.send(creator, 'Hello?');

    expect(answer).toMatchObject({
      status: 'failed',
      message: 'Conflict: chat has no talker yet',
    });
  });

  it('refuses a second authentication and goes on', async () => {
    const { creator, one } = await enterBoth();

    const answer = await one.ask({
      type: 'authenticate',
      'user-id': creatorId(creator),
      'device-id': 'x',
      token: creator.userToken,
    });

    expect(answer).toMatchObject({ type: 'status-response', status: 'failed' });
    expect(await one.send(creator, 'still here')).toMatchObject({ type: 'message-broadcast' });
  });

  it.each([
    ['request-mutable-session-creation', { 'user-id': [] }, /chat\.json/],
    ['request-mutable-session-modification', { 'user-id': [] }, /nobody else/],
  ])('refuses %s with the reason', async (type, fields, reason) => {
    const { creator, one } = await enterBoth();

    const answer = await one.ask({ type, 'session-id': creator.chatToken, ...fields });

    expect(answer).toMatchObject({ type: 'status-response', status: 'failed' });
    expect(answer.message).toMatch(reason);
    const { results } = await service().client.state(creator);
    expect(results).toMatchObject({ status: 'ready', participants: 2 });
  });

  it.each([
    ['request-mutable-session-modification', { 'user-id': [] }],
    ['request-mutable-session-deletion', {}],
    ['request-sending-a-message', { message: { type: 'text', body: 'x' }, 'sender-timestamp': 1 }],
  ])('refuses %s of another session', async (type, fields) => {
    const { creator, one } = await enterBoth();
    const other = await service().client.pair();

    const answer = await one.ask({ type, 'session-id': other.creator.chatToken, ...fields });

    expect(answer).toMatchObject({
      status: 'failed',
      message: 'session-id is not the session of this chat',
    });
    expect((await service().client.state(other.creator)).results.status).toBe('ready');
    expect((await service().client.state(creator)).results.status).toBe('ready');
  });

  it.each<[string, object | string, RegExp]>([
    ['no cdid', { type: 'request-mutable-session-listing' }, /^cdid is a text/],
    ['a number as cdid', { cdid: 7, type: 'request-mutable-session-listing' }, /^cdid is a text/],
    ['an empty cdid', { cdid: '', type: 'request-mutable-session-listing' }, /^cdid is not empty/],
    ['no type', { cdid: 'c' }, /^type is none/],
    ['a type of the server', { cdid: 'c', type: 'message-broadcast' }, /^type is none/],
    ['a type from Object', { cdid: 'c', type: '__proto__' }, /^type is none/],
    ['no user', { cdid: 'c', type: 'request-direct-session-info' }, /^user-id is a text/],
    [
      'a user where a list is due',
      { cdid: 'c', type: 'request-mutable-session-creation', 'user-id': 'x' },
      /^user-id is a list of texts/,
    ],
    [
      'a list of something else',
      { cdid: 'c', type: 'request-mutable-session-creation', 'user-id': [1] },
      /^user-id is a list of texts/,
    ],
    [
      'no session',
      { cdid: 'c', type: 'request-mutable-session-deletion' },
      /^session-id is a text/,
    ],
    ['no message', { cdid: 'c', ...sending('s', ''), message: undefined }, /^message is an object/],
    [
      'a message of another type',
      { cdid: 'c', ...sending('s', ''), message: { type: 'image', body: 'x' } },
      /^the type of a message is text/,
    ],
    [
      'a message without a body',
      { cdid: 'c', ...sending('s', ''), message: { type: 'text' } },
      /^the body of a message is a text/,
    ],
    [
      'a time with a fraction',
      { cdid: 'c', ...sending('s', ''), 'sender-timestamp': 1.5 },
      /^sender-timestamp is a whole number/,
    ],
    [
      'a time as a text',
      { cdid: 'c', ...sending('s', ''), 'sender-timestamp': '1' },
      /^sender-timestamp is a whole number/,
    ],
  ])('says what is wrong with %s', async (_what, action, reason) => {
    const { one } = await enterBoth();

    one.say(action);
    const answer = await one.find(({ status }) => status === 'failed');

    expect(answer).toEqual({
      cdid: (action as { cdid?: unknown }).cdid === 'c' ? 'c' : '',
      type: 'status-response',
      status: 'failed',
      message: expect.stringMatching(reason) as string,
    });
  });

  it('ignores members that the document does not name', async () => {
    const { one } = await enterBoth();

    const info = await one.ask({
      type: 'request-mutable-session-listing',
      extra: { deep: [[[{}]]] },
      __proto__: null,
    });

    expect(info).toMatchObject({ type: 'providing-session-info' });
  });

  it('gives back any cdid as it is', async () => {
    const { one } = await enterBoth();
    const cdid = '{"type":"x"}\u0001\u2028 – 👋"\\';

    one.say({ cdid, type: 'request-mutable-session-listing' });

    expect(await one.answerTo(cdid)).toMatchObject({ type: 'providing-session-info' });
  });
});
