import { newToken } from '../../src/chat/chat.ts';
import { headerNames } from '../../src/protocol.ts';
import { eventually } from '../support/eventually.ts';
import { startProxy, type Proxy } from '../support/nginx.ts';
import {
  distributed,
  endProcesses,
  startRedis,
  startWeb,
  type RedisServer,
  type WebProcess,
} from '../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../support/real-servers.ts';
import type { Person } from '../support/test-client.ts';

jest.setTimeout(120_000);

interface Message {
  readonly _id: string;
  readonly msg: string;
  readonly system: boolean;
}

describe('a web process that is killed behind the shipped nginx files', () => {
  let scratch: MongoScratch;
  let redis: RedisServer;
  let webs: readonly WebProcess[];
  let proxy: Proxy;

  beforeAll(async () => {
    scratch = mongoScratch();
    redis = await startRedis();
    const environment = distributed(scratch.name, redis.url);
    webs = await Promise.all([startWeb(environment), startWeb(environment)]);
    proxy = await startProxy(webs.map(({ origin }) => Number(new URL(origin).port)));
  });

  afterAll(async () => {
    await proxy.stop();
    await endProcesses();
    await redis.dispose();
    await scratch.dispose();
  });

  /** Asks again while the answer is 503, as the page does by itself. */
  const ask = async (method: string, resource: string, person: Person, data?: object) => {
    for (;;) {
      const { status, text } = await proxy.ask(`/api/v1/${resource}`, {
        method,
        headers: {
          'Content-Type': 'application/json',
          [headerNames.chatToken]: person.chatToken,
          [headerNames.userToken]: person.userToken,
        },
        ...(data !== undefined && { body: JSON.stringify({ data }) }),
      });
      const { results } = JSON.parse(text) as { results: { messages?: Message[] } };
      if (status !== 503) return { status, messages: results.messages ?? [] };
    }
  };

  it('loses nothing, and nobody sees more of it than a 503 that they repeat', async () => {
    const chatToken = newToken();
    const [creator, joiner] = [newToken(), newToken()].map((userToken) => ({
      chatToken,
      userToken,
    })) as [Person, Person];
    expect((await ask('POST', 'chat.json', creator)).status).toBe(201);
    expect((await ask('PUT', 'chat.json', joiner)).status).toBe(200);
    const sent = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    const statuses = new Set<number>();
    const shown = new Map<string, string>();

    const sending = async () => {
      for (const [index, msg] of sent.entries()) {
        const message = { _id: newToken(), msg };
        statuses.add((await ask('POST', 'messages.json', creator, { messages: [message] })).status);
        if (index === 10) webs[0]?.kill('SIGKILL');
      }
    };
    const receiving = async () => {
      while (shown.size < sent.length) {
        const { status, messages } = await ask('GET', 'messages.json', joiner);
        statuses.add(status);
        for (const { _id, msg, system } of messages) if (!system) shown.set(_id, msg);
        const ids = messages.map(({ _id }) => ({ _id }));
        if (ids.length > 0) await ask('DELETE', 'messages.json', joiner, { messages: ids });
      }
    };
    await Promise.all([sending(), receiving()]);

    expect([...shown.values()]).toEqual(sent);
    expect([...statuses].sort((one, other) => one - other)).toEqual([200, 202]);
    await eventually(async () => (await proxy.ask('/chat')).status === 200);
  });
});
