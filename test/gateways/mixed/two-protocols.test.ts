import { eventually } from '../../support/eventually.ts';
import { textsIn } from '../../support/test-client.ts';
import { useFreshService } from '../../support/test-service.ts';
import { creatorId, GradAgendaClient, joinerId } from '../gradagenda/support.ts';
import { openStream } from '../nereid/stream-client.ts';

const COMMENT_MS = 15_000;

describe('two protocols in one chat', () => {
  const service = useFreshService({ environment: { GATEWAYS: 'nereid,gradagenda' } });
  const superseded = { code: 1008, reason: 'superseded' };

  const stream = async (person: { chatToken: string; userToken: string }) => {
    const opened = await openStream(service().server, { person });
    await eventually(() => opened.raw().includes('data:'), 'the stream is live');
    return opened;
  };

  it('carry a conversation between a stream and a WebSocket', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const two = await stream(joiner);

    const sent = await one.send(creator, 'over WebSocket 👋');
    await two.hasMessages(1);
    await service()
      .client.raw('POST', '/nereid-chat/send-message', {
        person: joiner,
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams({
          thread_id: creator.chatToken,
          message: 'as a form 👋',
        }).toString(),
      })
      .expect(200);
    await one.text('as a form 👋');

    expect(two.messages()).toMatchObject([
      { id: sent['message-id'], text: 'over WebSocket 👋', sender: { id: creatorId(creator) } },
    ]);
    expect(one.textsFrom(joinerId(creator))).toEqual(['as a form 👋']);
    two.abort();
  });

  it('show each other as present', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const two = await stream(joiner);
    const one = await GradAgendaClient.enter(service(), creator, 1);

    await eventually(() => two.presences().at(-1)?.[0]?.available === true);

    expect(two.presences().at(-1)).toEqual([
      { entity: creatorId(creator), show: 'chat', available: true },
    ]);
    await one.close();
    two.abort();
  });

  it('take the place of each other: a stream that of a WebSocket', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await GradAgendaClient.enter(service(), joiner, 2, { autoPong: false });
    await service().client.send(creator, 'unproven');
    await older.text('unproven');

    const newer = await stream(joiner);

    expect(await older.closed).toEqual(superseded);
    await newer.hasMessages(1);
    expect(newer.texts()).toEqual(['unproven']);
    newer.abort();
  });

  it('take the place of each other: a WebSocket that of a stream', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await stream(joiner);
    await service().client.send(creator, 'unproven');
    await older.hasMessages(1);

    const newer = await GradAgendaClient.enter(service(), joiner, 2);

    await older.hasEnded();
    expect(older.events().at(-1)).toMatchObject({ event: 'superseded' });
    expect(await newer.text('unproven')).toMatchObject({ 'message-id': older.lastId() });
  });

  it('bring nothing again that one of them has proven', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await stream(joiner);
    await service().client.send(creator, 'proven');
    await older.hasMessages(1);
    await service().clock.advance(COMMENT_MS);
    await eventually(async () => textsIn(await service().client.receive(joiner)).length === 0);

    const newer = await GradAgendaClient.enter(service(), joiner, 2);
    await service().client.send(creator, 'new');
    await newer.text('new');

    expect(newer.textsFrom(creatorId(creator))).toEqual(['new']);
  });

  it('store a message once that is repeated over the other', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const id = '2b1f4c1e-5d3a-4c53-9a5e-0a3a8f6f7f11';
    const one = await GradAgendaClient.enter(service(), creator, 1);
    await one.send(creator, 'once', id);

    await service()
      .client.raw('POST', '/nereid-chat/send-message', {
        person: creator,
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams({ thread_id: creator.chatToken, message: 'once', id }).toString(),
      })
      .expect(200);

    expect(textsIn(await service().client.receive(joiner))).toEqual(['once']);
  });

  it('end together', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const two = await stream(joiner);

    await one.ask({ type: 'request-mutable-session-deletion', 'session-id': creator.chatToken });

    expect((await one.closed).code).toBe(1000);
    await two.hasEnded();
    expect(two.texts()).toEqual([
      'Thank you for using SFChat. Chat was successfully closed by Talker.',
    ]);
  });
});
