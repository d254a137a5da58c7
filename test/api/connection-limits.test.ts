import { connect, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '../support/eventually.ts';
import { useFreshService, type TestService } from '../support/test-service.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Client {
  readonly socket: Socket;
  text: string;
  isClosed: boolean;
}

/** A connection from one of this machine's own addresses. */
function open({ server }: TestService, localAddress = '127.0.0.1'): Client {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const client: Client = { socket, text: '', isClosed: false };
  sockets.push(socket.on('error', () => undefined));
  socket.on('data', (chunk) => (client.text += chunk.toString()));
  socket.on('close', () => (client.isClosed = true));
  return client;
}

const ask = (client: Client): boolean =>
  client.socket.write('GET /healthz HTTP/1.1\r\nHost: sfchat\r\n\r\n');

async function expectAnswered(client: Client): Promise<void> {
  client.text = '';
  ask(client);
  await eventually(() => client.text.startsWith('HTTP/1.1 200'), 'the connection is served');
}

async function expectRefused(client: Client, code: 429 | 503): Promise<void> {
  await eventually(() => client.isClosed, 'the connection is refused');
  expect(client.text).toMatch(new RegExp(`^HTTP/1\\.1 ${code} `));
  expect(client.text).toMatch(/^Retry-After: [1-9]\d*\r$/m);
  expect(JSON.parse(client.text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ results: { code } });
}

async function isAnswered(client: Client): Promise<boolean> {
  ask(client);
  await eventually(() => client.text !== '' || client.isClosed);
  return client.text.startsWith('HTTP/1.1 200');
}

async function openMany(service: TestService, count: number, address?: string): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => open(service, address));
  for (const client of clients) await expectAnswered(client);
  return clients;
}

describe('the limit of connections per address', () => {
  const service = useFreshService({ environment: { LIMIT_CONNECTIONS_PER_ADDRESS: '3' } });

  it('refuses one more, and only of this address', async () => {
    const own = await openMany(service(), 3);

    await expectRefused(open(service()), 429);

    await expectAnswered(open(service(), '127.0.0.2'));
    for (const client of own) await expectAnswered(client);
  });

  it('has room again as soon as one is closed', async () => {
    const [first] = await openMany(service(), 3);
    first?.socket.destroy();

    const isThereRoom = () => isAnswered(open(service()));
    await eventually(isThereRoom, 'there is room again');
    expect(await isThereRoom()).toBe(false);
  });

  it('is counted for the operator', async () => {
    await openMany(service(), 3);
    await expectRefused(open(service()), 429);

    expect(await service().parts.metrics.text()).toContain(
      'sfchat_limit_refusals_total{limit="connections_per_address"} 1',
    );
  });
});

describe('the limit of connections in all', () => {
  const service = useFreshService({ environment: { LIMIT_CONNECTIONS: '4' } });

  it('refuses one more as a matter of room', async () => {
    await openMany(service(), 2, '127.0.0.1');
    await openMany(service(), 2, '127.0.0.2');

    await expectRefused(open(service(), '127.0.0.3'), 503);
  });

  it('leaves half of them to others, however many one address may have', async () => {
    await openMany(service(), 2);

    await expectRefused(open(service()), 429);

    await expectAnswered(open(service(), '127.0.0.2'));
  });
});

describe('the connections of a trusted proxy', () => {
  const environment = { LIMIT_CONNECTIONS_PER_ADDRESS: '2', LIMIT_CONNECTIONS: '5' };
  const byHops = useFreshService({ environment: { ...environment, TRUST_PROXY: '1' } });
  const byRange = useFreshService({ environment: { ...environment, TRUST_PROXY: '127.0.0.1' } });

  it('stand for many people, and count only in all', async () => {
    await openMany(byHops(), 5);

    await expectRefused(open(byHops()), 503);
  });

  it('are those of the named addresses alone', async () => {
    await openMany(byRange(), 3, '127.0.0.1');
    await openMany(byRange(), 2, '127.0.0.2');

    await expectRefused(open(byRange(), '127.0.0.2'), 503);
  });
});

describe('RATE_LIMITS=off', () => {
  const service = useFreshService({
    environment: { RATE_LIMITS: 'off', LIMIT_CONNECTIONS: '2', LIMIT_CONNECTIONS_PER_ADDRESS: '1' },
  });

  it('refuses no connection', async () => {
    expect(await openMany(service(), 5)).toHaveLength(5);
  });
});
