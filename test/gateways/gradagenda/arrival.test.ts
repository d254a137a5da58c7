import { eventually } from '../../support/eventually.ts';
import { textsIn, type Person } from '../../support/test-client.ts';
import { useFreshService } from '../../support/test-service.ts';
import { creatorId, GradAgendaClient, gradagenda } from './support.ts';

const PING_INTERVAL_MS = 25_000;

/** A client that answers pings only when a test says so. */
const silent = { autoPong: false } as const;

/** Keeps the payloads of the pings that a client gets. */
function pingsOf({ socket }: GradAgendaClient): string[] {
  const pings: string[] = [];
  socket.on('ping', (payload: Buffer) => pings.push(payload.toString()));
  return pings;
}

describe('GradAgenda: proof of arrival', () => {
  const service = useFreshService({ environment: gradagenda });

  const kept = async (person: Person): Promise<string[]> =>
    textsIn(await service().client.receive(person));

  it('is the answer to the ping that follows a message', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const two = await GradAgendaClient.enter(service(), joiner, 2, silent);
    const pings = pingsOf(two);
    await service().client.send(creator, 'first');
    await eventually(() => pings.length === 1);
    await two.text('first');

    const before = await kept(joiner);
    two.socket.pong(pings[0]);
    await eventually(async () => (await kept(joiner)).length === 0);

    expect(before).toEqual(['first']);
  });

  it('stands for everything before, and for nothing after', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const two = await GradAgendaClient.enter(service(), joiner, 2, silent);
    const pings = pingsOf(two);
    for (const text of ['first', 'second', 'third']) {
      await service().client.send(creator, text);
      await two.text(text);
    }
    await eventually(() => pings.length === 3);

    two.socket.pong(pings[1]);
    await eventually(async () => (await kept(joiner)).length === 1);

    expect(await kept(joiner)).toEqual(['third']);
  });

  it.each(['', '0', '99', '-1', '1e0', 'something'])('is not a pong of "%s"', async (payload) => {
    const { creator, joiner } = await service().client.quietPair();
    const two = await GradAgendaClient.enter(service(), joiner, 2, silent);
    await service().client.send(creator, 'unproven');
    await two.text('unproven');

    two.socket.pong(payload);
    await two.settled();

    expect(await kept(joiner)).toEqual(['unproven']);
  });

  it('loses nothing without it: after a reconnect the message comes again, with the same id', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const first = await GradAgendaClient.enter(service(), joiner, 2, silent);
    await service().client.send(creator, 'again');
    const before = await first.text('again');
    first.socket.terminate();

    const second = await GradAgendaClient.enter(service(), joiner, 2);
    const after = await second.text('again');
    await eventually(async () => (await kept(joiner)).length === 0);

    expect(after).toEqual(before);
  });

  it('brings nothing twice to one connection', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const two = await GradAgendaClient.enter(service(), joiner, 2, silent);
    for (const text of ['first', 'second', 'third']) {
      await service().client.send(creator, text);
      await two.text(text);
    }
    await service().clock.advance(service().settings.longPollingSleepMs * 5);
    await two.settled();

    expect(two.textsFrom(creatorId(creator))).toEqual(['first', 'second', 'third']);
  });

  it('brings nothing again that was proven', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const first = await GradAgendaClient.enter(service(), joiner, 2);
    await service().client.send(creator, 'once');
    await eventually(async () => (await kept(joiner)).length === 0);
    await first.close();

    const second = await GradAgendaClient.enter(service(), joiner, 2);
    await service().client.send(creator, 'twice');
    await second.text('twice');

    expect(second.textsFrom(creatorId(creator))).toEqual(['twice']);
  });

  it('empties an inbox that has filled before, and a message to it has room again', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const texts = Array.from({ length: 200 }, (_, index) => `text ${index}`);
    for (let from = 0; from < 200; from += 20)
      await service().client.send(creator, ...texts.slice(from, from + 20));
    expect((await service().client.send(creator, 'too many')).status).toBe(429);

    const two = await GradAgendaClient.enter(service(), joiner, 2);
    await two.text('text 199');
    await eventually(async () => (await kept(joiner)).length === 0);

    expect(two.textsFrom(creatorId(creator))).toEqual(texts);
    expect((await service().client.send(creator, 'one more')).status).toBe(202);
  });

  it('counts for the sender: what is proven does not wait any more', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const two = await GradAgendaClient.enter(service(), joiner, 2, silent);
    const pings = pingsOf(two);
    await service().client.send(creator, 'on its way');
    const poll = service().client.hold(creator, '?waiting=1');
    await eventually(() => pings.length === 1);

    two.socket.pong(pings[0]);

    expect((await poll.answer).results).toMatchObject({ count: 0, waiting: 0 });
  });
});

describe('GradAgenda: keepalive', () => {
  const service = useFreshService({
    environment: { ...gradagenda, ABSENCE_CLOSE_AFTER: '86400' },
  });

  it('pings each 25 seconds', async () => {
    const { creator } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    const pings = pingsOf(one);

    for (let times = 1; times <= 3; times += 1) {
      await service().clock.advance(PING_INTERVAL_MS);
      await eventually(() => pings.length === times);
      await one.settled();
    }

    expect(pings).toEqual(['1', '2', '3']);
  });

  it('takes a client for gone that has missed two', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1, silent);
    const pings = pingsOf(one);
    await service().clock.advance(PING_INTERVAL_MS);
    await service().clock.advance(PING_INTERVAL_MS);
    await eventually(() => pings.length === 2);
    await one.settled();

    await service().clock.advance(PING_INTERVAL_MS);

    expect((await one.closed).code).toBe(1006);
    await service().clock.advance(1000);
    await eventually(
      async () => !(await service().client.state(joiner)).results.talker.present,
      'the creator is gone',
    );
  });

  it('keeps a client that answers late', async () => {
    const { creator } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1, silent);
    const pings = pingsOf(one);
    for (let times = 2; times <= 8; times += 2) {
      await service().clock.advance(PING_INTERVAL_MS);
      await service().clock.advance(PING_INTERVAL_MS);
      await eventually(() => pings.length === times);
      one.socket.pong(pings.at(-1));
      await one.settled();
    }

    expect(pings).toHaveLength(8);
  });

  it('is a sign of life: whoever is connected is present', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const one = await GradAgendaClient.enter(service(), creator, 1);
    for (let times = 0; times < 8; times += 1) {
      await service().clock.advance(PING_INTERVAL_MS);
      await one.settled();
    }

    expect((await service().client.state(joiner)).results.talker.present).toBe(true);
  });
});
