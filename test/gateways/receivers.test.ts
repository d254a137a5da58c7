import { userIdOf, type Participant } from '../../src/chat/chat.ts';
import { StorageUnavailable } from '../../src/chat/failures.ts';
import {
  createReceivers,
  type Ending,
  type LiveReceiver,
  type Receivers,
} from '../../src/gateways/receivers.ts';
import { eventually } from '../support/eventually.ts';
import { textsIn, type Person } from '../support/test-client.ts';
import { useFreshService } from '../support/test-service.ts';

interface Connection {
  readonly live: LiveReceiver;
  readonly texts: string[];
  readonly presences: boolean[];
  readonly endings: Ending[];
}

describe('a live receiver', () => {
  const service = useFreshService({ environment: { LIMIT_READ: '2500' } });
  let receivers: Receivers;
  beforeEach(() => {
    receivers = createReceivers(service().parts.app);
  });

  const participant = async ({ chatToken, userToken }: Person): Promise<Participant> =>
    (await service().parts.app.service.authenticate(chatToken, userIdOf(userToken)))!;

  const open = async (person: Person): Promise<Connection> => {
    const [texts, presences, endings]: [string[], boolean[], Ending[]] = [[], [], []];
    const live = receivers.open(await participant(person), {
      deliver: ({ messages, talker }) => {
        texts.push(...messages.map(({ msg }) => msg));
        presences.push(talker.present);
      },
      knows: ({ talker }) => ({ present: talker.present }),
      ended: (ending) => {
        endings.push(ending);
      },
    });
    await eventually(() => presences.length > 0 || endings.length > 0);
    return { live, texts, presences, endings };
  };

  const hasTexts = ({ texts }: Connection, count: number) =>
    eventually(() => texts.length === count, `${count} texts`);

  it('is refused to whoever has read too much, however often they connect', async () => {
    const { creator, joiner } = await service().client.quietPair();
    await service().client.send(creator, 'x'.repeat(140), 'x'.repeat(140));
    const reader = await participant(joiner);
    for (let times = 0; times < 5; times += 1) {
      const connection = await open(joiner).catch(() => null);
      connection?.live.end();
    }

    await expect(open(joiner)).rejects.toMatchObject({ code: 429 });
    expect(() => {
      service().parts.app.limits.mayRead(reader);
    }).toThrow();
    expect((await open(creator)).endings).toEqual([]);
  });

  it('delivers each message once, and forgets what is proven', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const connection = await open(joiner);
    await service().client.send(creator, 'one', 'two');
    await hasTexts(connection, 2);
    const mark = connection.live.mark();
    await service().client.send(creator, 'three');
    await hasTexts(connection, 3);

    await connection.live.arrived(mark);
    await connection.live.arrived(mark);
    await service().clock.advance(120_000);

    expect(textsIn(await service().client.receive(joiner))).toEqual(['three']);
    expect(connection.texts).toEqual(['one', 'two', 'three']);
    await connection.live.arrived(connection.live.mark());
    expect(textsIn(await service().client.receive(joiner))).toEqual([]);
  });

  it('delivers nothing twice that is proven while the inbox is read', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const connection = await open(joiner);
    await service().client.send(creator, 'one');
    await hasTexts(connection, 1);
    const { store } = service().backend;
    const readInbox = store.readInbox.bind(store);
    store.readInbox = async (caller) => {
      const inbox = await readInbox(caller);
      // What has been read is older now than what the server knows.
      await connection.live.arrived(connection.live.mark());
      return inbox;
    };

    await service().clock.advance(3000);
    await service().clock.advance(3000);

    expect(connection.texts).toEqual(['one']);
    expect(textsIn(await service().client.receive(joiner))).toEqual([]);
  });

  it('proves with the next proof what could not be forgotten', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const connection = await open(joiner);
    await service().client.send(creator, 'one');
    await hasTexts(connection, 1);
    const { store } = service().backend;
    const acknowledge = store.acknowledge.bind(store);
    store.acknowledge = () => Promise.reject(new StorageUnavailable(new Error('away')));
    await connection.live.arrived(connection.live.mark());
    store.acknowledge = acknowledge;
    expect(textsIn(await service().client.receive(joiner))).toEqual(['one']);

    await connection.live.arrived(connection.live.mark());

    expect(textsIn(await service().client.receive(joiner))).toEqual([]);
  });

  it('never takes its place back from a newer one that began between two holds', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const older = await open(joiner);
    const { store } = service().backend;
    const readInbox = store.readInbox.bind(store);
    let reads = 0;
    let newer: ReturnType<ReturnType<typeof service>['client']['hold']> | undefined;
    // The older one has delivered and is about to hold on when the newer one begins.
    store.readInbox = async (step) => {
      reads += 1;
      if (reads === 2) {
        newer = service().client.hold(joiner);
        await newer.answer;
      }
      return readInbox(step);
    };

    await service().client.send(creator, 'one');
    await eventually(() => older.endings.length > 0);

    expect(older.endings).toEqual(['superseded']);
    expect((await newer?.answer)?.status).toBe(200);
  });

  it('counts as present as long as it is open, and not after it', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const talker = await open(creator);
    const { live } = await open(joiner);
    await service().clock.advance(10 * 60_000);
    expect(talker.presences.at(-1)).toBe(true);

    live.end();
    await eventually(() => service().parts.longPoller.size() === 1);
    await service().clock.advance(4000);

    expect(talker.presences.at(-1)).toBe(false);
    expect(talker.endings).toEqual([]);
  });

  it('ends once, and says why', async () => {
    const { creator, joiner } = await service().client.quietPair();
    const [left, closed] = [await open(creator), await open(joiner)];
    left.live.end();
    left.live.end();
    await eventually(() => left.endings.length > 0);
    await service().client.close(creator);
    await eventually(() => closed.endings.length > 0);
    const stopped = await open(await service().client.creator());
    receivers.stop();
    service().parts.longPoller.stop();
    await eventually(() => stopped.endings.length > 0);

    expect(left.endings).toEqual(['client gone']);
    expect(closed.endings).toEqual(['closed']);
    expect(closed.texts.at(-1)).toMatch(/successfully closed by Talker/);
    expect(stopped.endings).toEqual(['stopping']);
    await expect(open(creator)).rejects.toMatchObject({ code: 503 });
  });
});
