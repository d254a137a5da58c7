import { mkdtempSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startScript, startWeb } from '../support/processes.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(60_000);

describe('npm run terminate in embedded mode', () => {
  let dataDir = '';
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-operators-'));
  });
  afterEach(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });
  const serve = (environment: Record<string, string> = {}) =>
    startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off', ...environment });
  const terminate = async (...args: string[]) => {
    const shell = startScript('workers/terminate.js', { DATA_DIR: dataDir }, args);
    const code = await shell.ended;
    return { code, text: shell.lines.join('\n') };
  };

  it('has the running server remove a chat, and its polls end at once', async () => {
    const { client } = await serve();
    const { creator, joiner } = await client.quietPair();
    const held = client.hold(creator);
    await eventually(async () => {
      const { text } = await client.raw('GET', '/metrics');
      return text.includes('sfchat_held_polls 1');
    }, 'a poll is held');

    expect(await terminate('--chat', creator.chatToken)).toMatchObject({ code: 0 });

    expect((await held.answer).status).toBe(401);
    expect(await client.state(joiner)).toMatchObject({ status: 401 });
    expect((await terminate('--chat', creator.chatToken)).text).toContain('There is no chat');
  });

  it('has the running server end what is over, where the path is too long for a socket', async () => {
    const root = dataDir;
    dataDir = path.join(dataDir, 'a'.repeat(90), 'b'.repeat(90));
    mkdirSync(dataDir, { recursive: true });
    const { client } = await serve({ CHAT_LIFETIME: '0.5', TERMINATION_SCHEDULE: '0 0 29 2 *' });
    const creator = await client.creator();
    await eventually(async () => {
      const { results } = await client.state(creator);
      return results.status === 'closed';
    }, 'its lifetime is over');

    const { code, text } = await terminate();

    expect(text).toMatch(
      /^Ended the lifetime of \d chats and removed \d finished chats in \d+ ms\.$/,
    );
    expect(code).toBe(0);
    dataDir = root;
  });

  it('lets nobody else ask', async () => {
    await serve();

    const { mode } = statSync(path.join(dataDir, 'operators.sock'));
    expect(mode & 0o777).toBe(0o600);
  });

  it('does it by itself where no server runs, also after one was killed', async () => {
    const server = await serve();
    const draft = await server.client.creator();
    server.kill('SIGKILL');
    await server.ended;

    const { code, text } = await terminate('--chat', draft.chatToken);

    expect(text).toContain('it was draft');
    expect(code).toBe(0);
    const { client } = await serve();
    expect(await client.state(draft)).toMatchObject({ status: 401 });
  });
});
