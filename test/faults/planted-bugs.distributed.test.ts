import type { ChatStore } from '../../src/chat/chat-store.ts';
import { startMongoProxy, type MongoProxy } from '../support/mongo-proxy.ts';
import { mongoScratch, mongoUri, type MongoScratch } from '../support/real-servers.ts';
import { tryWhileWritesHang } from './campaign/held-writes.ts';
import { Wire } from './campaign/wire.ts';
import type { Verdict } from './history/judge.ts';
import { startWeb, type Web } from './mongo-service.ts';
import { acknowledgedBeforeCommit, deletesByIdAlone, joinReadsThenWrites } from './planted-bugs.ts';
import { talk } from './talk.ts';

jest.setTimeout(120_000);

const asItIs = (store: ChatStore): ChatStore => store;

describe('the clients of the campaign and its judge, over MongoDB', () => {
  let proxy: MongoProxy;
  let scratch: MongoScratch;
  let webs: Web[];

  beforeEach(async () => {
    proxy = await startMongoProxy(mongoUri());
    scratch = mongoScratch();
    webs = [];
  });

  afterEach(async () => {
    for (const web of webs) await web.close();
    await proxy.close();
    await scratch.dispose();
  });

  /** Gives the origin of a service over a store of its own. */
  async function serve(uri: string, plant: (store: ChatStore) => ChatStore): Promise<string> {
    const web = await startWeb([plant(await scratch.connect({ uri }))]);
    webs.push(web);
    return web.urls[0] ?? '';
  }

  it.each([
    ['nothing wrong with the service as it is', asItIs, []],
    ['leaked a seat that a join took after it had only looked', joinReadsThenWrites, ['leaked']],
    ['lost what a sender could delete in the inbox of the talker', deletesByIdAlone, ['lost']],
  ])('find %s', async (_, plant, expected) => {
    const origin = await serve(mongoUri(), plant);
    const { found } = await talk(new Wire(() => origin));
    expect(found).toEqual(expected);
  });

  it.each([
    ['lost', true],
    ['not lost', false],
  ])('find %s what was accepted while no write got through: %s', async (_, isPlanted) => {
    let kill: () => void = () => undefined;
    let origin = await serve(proxy.uri, (store) => {
      if (!isPlanted) return store;
      const planted = acknowledgedBeforeCommit(store);
      kill = planted.kill;
      return planted.store;
    });
    const another = await serve(mongoUri(), asItIs);
    const wire = new Wire(() => origin);
    const found: Verdict[] = [];
    const hung = await tryWhileWritesHang(
      { broken: (verdict) => found.push(verdict) },
      {
        wire,
        mongo: proxy,
        kill: () => {
          kill();
          origin = another;
          return Promise.resolve();
        },
        start: () => Promise.resolve(),
      },
    );
    await wire.close();
    expect(hung).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set(isPlanted ? ['lost'] : []));
  });
});
