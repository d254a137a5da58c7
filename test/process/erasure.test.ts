import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb, type WebProcess } from '../support/processes.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(60_000);

describe('the database file of the built server', () => {
  let dataDir = '';
  const start = (environment: Record<string, string> = {}): Promise<WebProcess> =>
    startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off', ...environment });
  const kill = async (server: WebProcess): Promise<void> => {
    server.kill('SIGKILL');
    await server.ended;
  };
  /** Whether any file of the data directory has these bytes. */
  const isOnDisk = (text: string): boolean =>
    readdirSync(dataDir, { withFileTypes: true }).some(
      (file) => file.isFile() && readFileSync(path.join(dataDir, file.name)).includes(text),
    );

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-durability-'));
  });
  afterEach(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });

  it('leaves nothing of a message on the disk soon after it was acknowledged', async () => {
    const { client } = await start();
    const { creator, joiner } = await client.quietPair();
    const secrets = Array.from({ length: 20 }, (_, index) => `secret-${newToken()}-${index}`);
    await client.send(creator, ...secrets);
    for (const secret of secrets) expect(isOnDisk(secret)).toBe(true);

    await client.empty(joiner);

    await eventually(() => !secrets.some(isOnDisk), 'the texts are erased');
    expect(isOnDisk(creator.chatToken)).toBe(true);
  });

  it('leaves nothing of a chat on the disk soon after both have left it', async () => {
    const { client } = await start();
    const { creator, joiner } = await client.quietPair();
    expect(isOnDisk(creator.chatToken)).toBe(true);
    await client.close(creator);
    await client.empty(creator);

    await client.empty(joiner);

    const traces = [creator.chatToken, creator.userToken, joiner.userToken];
    await eventually(() => !traces.some(isOnDisk), 'the tokens are erased');
    expect(await client.state(creator)).toMatchObject({ status: 401 });
  });

  it('leaves nothing of an acknowledged message on the disk though it was killed', async () => {
    const first = await start();
    const { creator, joiner } = await first.client.quietPair();
    const secret = `secret-${newToken()}`;
    await first.client.send(creator, secret);
    expect(isOnDisk(secret)).toBe(true);
    await first.client.empty(joiner);

    await kill(first);
    await start();

    await eventually(() => !isOnDisk(secret), 'the text is erased');
  });
});
