import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endCommandLines, runCommandLine, type CommandLine } from '../support/command-line.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb, type WebProcess } from '../support/processes.ts';
import { startRelay } from '../support/relay-server.ts';

// Each starts some processes, on a machine that may do other things, too.
jest.setTimeout(90_000);

let web: WebProcess;

beforeAll(async () => {
  web = await startWeb({ DATA_DIR: ':memory:' });
});

afterEach(endCommandLines);
afterAll(endProcesses);

/** A creator with an invitation. */
async function create(server: string, ...args: string[]) {
  const creator = runCommandLine('create', '--json', '--server', server, ...args);
  const { code, link } = await creator.first('invitation');
  return { creator, code, link };
}

async function talk(server = web.origin, ...args: string[]) {
  const { creator, code, link } = await create(server, ...args);
  const joiner = runCommandLine('join', '--json', link);
  return { creator, joiner, code, link };
}

async function secured(server = web.origin) {
  const pair = await talk(server);
  await Promise.all([pair.creator.first('secure'), pair.joiner.first('secure')]);
  return pair;
}

const hears = (one: CommandLine, text: string) =>
  one.first('message', (message) => message.text === text);

describe('two command lines', () => {
  test('see the same four words, hear each other and say what was delivered', async () => {
    const { creator, joiner } = await secured();
    const [one, other] = [await creator.first('secure'), await joiner.first('secure')];
    expect(one.words).toHaveLength(4);
    expect(other.words).toEqual(one.words);
    expect(creator.all('joined')).toHaveLength(1);
    expect(joiner.all('joined')).toHaveLength(1);

    joiner.write('Hi');
    await hears(creator, 'Hi');
    const sent = await joiner.first('sent');
    expect(sent.text).toBe('Hi');
    await joiner.first('delivered', ({ id }) => id === sent.id);
    creator.write('Hello');
    await hears(joiner, 'Hello');
    await joiner.first('delivered', ({ id, confirmed }) => id === sent.id && confirmed);
    expect([...creator.all('warning'), ...joiner.all('warning')]).toEqual([]);

    joiner.end();
    expect(await joiner.first('closed')).toMatchObject({ reason: 'you' });
    expect(await creator.first('closed')).toMatchObject({ reason: 'talker' });
    expect(await Promise.all([creator.ended, joiner.ended])).toEqual([0, 0]);
  });

  test('keep the order of what was written before there were keys', async () => {
    const { creator, code } = await create(web.origin);
    const texts = Array.from({ length: 30 }, (_unused, index) => `text ${index}`);
    creator.write(...texts);
    const joiner = runCommandLine('join', code, '--json', '--server', web.origin);
    await hears(joiner, 'text 29');
    expect(joiner.all('message').map(({ text }) => text)).toEqual(texts);
  });

  test('talk without encryption only when both are told to', async () => {
    const { creator, code } = await create(web.origin, '--plain');
    expect(code).toMatch(/^[0-9a-f]{24}$/);
    const joiner = runCommandLine('join', code, '--json', '--server', web.origin);
    await creator.first('joined');
    creator.write('readable');
    await hears(joiner, 'readable');
    expect(joiner.all('secure')).toEqual([]);
  });

  test('refuse a line that is too long as one message, and say so at the end', async () => {
    const { creator, joiner } = await secured();
    joiner.write('x'.repeat(141), 'short');
    joiner.end();
    expect(await joiner.first('refused')).toMatchObject({ reason: 'text too long' });
    await hears(creator, 'short');
    expect(await joiner.ended).toBe(5);
  });

  test('close the chat when the process is told to end', async () => {
    const { creator, joiner } = await secured();
    joiner.kill('SIGTERM');
    await creator.first('closed');
    expect(await joiner.ended).toBe(143);
  });
});

describe('the code', () => {
  test('is in no request, and neither is a text', async () => {
    const relay = await startRelay(web.origin);
    const { creator, joiner, code } = await secured(relay.origin);
    creator.write('canary in a text');
    await hears(joiner, 'canary in a text');
    joiner.end();
    joiner.write('nothing');
    await creator.first('delivered');
    const traffic = relay.recorded.join('\n');
    expect(traffic.length).toBeGreaterThan(1_000);
    for (const secret of [code, 'canary in a text']) expect(traffic).not.toContain(secret);
    // As words: three letters come together by chance in what is sealed.
    const said = traffic.split(/[^\w-]+/);
    for (const word of (await creator.first('secure')).words) expect(said).not.toContain(word);
    creator.kill('SIGTERM');
    await Promise.all([creator.ended, joiner.ended]);
    await relay.close();
  });

  test('is read from the first line of standard input where no argument has it', async () => {
    const { creator, link } = await create(web.origin);
    const joiner = runCommandLine('join', '--json');
    joiner.write(link, 'Hi');
    joiner.end();
    await hears(creator, 'Hi');
    expect(await joiner.ended).toBe(0);
  });
});

describe('piped', () => {
  test('a line is sent, waits until it is delivered, and the chat is closed', async () => {
    const { creator, code } = await create(web.origin);
    const joiner = runCommandLine('join', code, '--server', web.origin);
    joiner.write('hi');
    joiner.end();
    expect(await joiner.ended).toBe(0);
    expect((await hears(creator, 'hi')).text).toBe('hi');
    expect(joiner.lines).toContain('sent: hi');
    expect(joiner.lines.some((line) => /^(delivered|confirmed): hi$/.test(line))).toBe(true);
    expect(joiner.lines.join('')).not.toContain('\u001b');
    expect(await creator.first('closed')).toMatchObject({ reason: 'talker' });
  });

  test('two scripts tell each other what they have to say, whoever leaves first', async () => {
    const creator = runCommandLine('create', '--server', web.origin);
    creator.write('from the creator');
    creator.end();
    await eventually(() => creator.lines.length > 1, 'there is a code', 20_000);
    const code = creator.lines.find((line) => line.startsWith('code: '))!.slice(6);
    const joiner = runCommandLine('join', '--server', web.origin);
    joiner.write(code, 'from the joiner');
    joiner.end();
    expect(await Promise.all([creator.ended, joiner.ended])).toEqual([0, 0]);
    expect(creator.lines).toContain('talker: from the joiner');
    expect(joiner.lines).toContain('talker: from the creator');
  });

  test('what was said cannot move the cursor or pass for another line', async () => {
    const { creator, code } = await create(web.origin);
    const joiner = runCommandLine('join', code, '--server', web.origin);
    creator.write('a\u001b[2Jb\u0007c\u202ed');
    await eventually(
      () => joiner.lines.some((line) => line.startsWith('talker: ')),
      'it was heard',
      20_000,
    );
    const heard = joiner.lines.filter((line) => line.startsWith('talker: '));
    expect(heard).toEqual(['talker: a\ufffd[2Jb\ufffdc\ufffdd']);
  });
});

describe('a server that is killed and started again', () => {
  test('loses nothing of what two command lines say', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'sfchat-cli-'));
    const first = await startWeb({ DATA_DIR: directory });
    const { creator, joiner } = await secured(first.origin);
    first.kill('SIGKILL');
    await first.ended;
    creator.write('said meanwhile');
    await creator.first('connection', ({ connected }) => !connected);
    await startWeb({ DATA_DIR: directory, PORT: new URL(first.origin).port });
    await hears(joiner, 'said meanwhile');
    joiner.write('heard');
    await hears(creator, 'heard');
    await creator.first('delivered', ({ confirmed }) => confirmed);
    expect([...creator.all('warning'), ...joiner.all('warning')]).toEqual([]);
    await rm(directory, { recursive: true, force: true });
  });
});

describe('exit codes', () => {
  const run = async (...args: string[]) => {
    const command = runCommandLine(...args);
    command.end();
    return { code: await command.ended, errors: command.errors(), lines: command.lines };
  };

  test('say what was wrong with the arguments', async () => {
    expect((await run('talk')).code).toBe(2);
    expect((await run('create', '--nonsense')).code).toBe(2);
    expect((await run('join', 'no code')).code).toBe(2);
    expect((await run('join')).code).toBe(2);
    expect((await run('create', '--server', 'chat.example')).code).toBe(2);
    expect((await run('--help')).lines[0]).toMatch(/^sfchat/);
  });

  test('tell who was not let in from who was not answered', async () => {
    const unknown = await run('join', 'g'.repeat(24), '--server', web.origin);
    expect(unknown.code).toBe(3);
    expect(unknown.errors).not.toContain('g'.repeat(24));
    const { code, joiner } = await talk();
    await joiner.first('joined');
    const used = await run('join', code, '--server', web.origin);
    expect(used.code).toBe(3);
    expect(used.errors).toContain('already been used');
  });
});
