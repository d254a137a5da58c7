import { Agent, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { API_BASE, headerNames } from '../../src/protocol.ts';
import type { Person } from '../support/test-client.ts';
import { useService } from '../support/test-service.ts';

/** Heads are written again for other answers, but only on connections that stay open. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const service = useService();

afterAll(() => {
  agent.destroy();
});

interface Heard {
  readonly told: string | undefined;
  readonly bytes: Buffer;
}

async function receive(method: string, person: Person): Promise<Heard> {
  const { port } = service().server.address() as AddressInfo;
  const headers = {
    [headerNames.chatToken]: person.chatToken,
    [headerNames.userToken]: person.userToken,
  };
  const path = `${API_BASE}/messages.json?longPolling=false`;
  const res = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ agent, port, method, path, headers }, resolve).on('error', reject).end();
  });
  return { told: res.headers['content-length'], bytes: await buffer(res) };
}

describe('the length of an answer', () => {
  it.each(['', 'a', 'a text', 'ein längerer Text', '這是一段文字', '🙂'])(
    'is that of its own body after any other: %s',
    async (text) => {
      const { creator, joiner } = await service().client.quietPair();
      const empty = await receive('GET', joiner);
      if (text !== '') await service().client.send(creator, text);

      const { told, bytes } = await receive('GET', joiner);
      const head = await receive('HEAD', joiner);

      expect(empty.told).toBe(String(empty.bytes.length));
      expect(told).toBe(String(bytes.length));
      expect(JSON.parse(bytes.toString())).toMatchObject({
        results: { messages: text === '' ? [] : [{ msg: text }] },
      });
      expect(head.told).toBe(told);
      expect(head.bytes).toHaveLength(0);
    },
  );
});
