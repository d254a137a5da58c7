import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb } from '../support/processes.ts';
import { everyStatus, SecretTalk, talkative } from '../support/secret-talk.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(120_000);

/** An error that nobody expects and that carries a text, as soon as the process is told to have one. */
const mishap = `process.on('SIGUSR2', () => {
  const error = new TypeError('a mishap', { cause: new Error('canary-of-a-cause') });
  throw Object.assign(error, { body: 'canary-of-a-body' });
})`;

describe('secrets of the embedded server', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-secrecy-'));
  // In a file, because a stack names where it comes from.
  const script = path.join(dataDir, 'scripts', 'mishap.mjs');
  const start = () =>
    startWeb({ ...talkative, DATA_DIR: dataDir, NODE_OPTIONS: `--import=${script}` });
  beforeAll(() => {
    mkdirSync(path.dirname(script));
    writeFileSync(script, mishap);
  });
  afterAll(async () => {
    await endProcesses();
    rmSync(dataDir, { recursive: true });
  });

  /** The journal, its log, the reserve and whatever else there is. */
  const files = (): Buffer =>
    Buffer.concat(
      readdirSync(dataDir, { withFileTypes: true })
        .filter((file) => file.isFile())
        .map(({ name }) => readFileSync(path.join(dataDir, name))),
    );

  it('stand in no log and on no page, and on no disk when all is over, also after a crash', async () => {
    const first = await start();
    const talk = new SecretTalk(first);
    await talk.talk();
    const pages = await talk.operatorsPages();
    expect(talk.foundIn(files())).not.toEqual([]);
    first.kill('SIGKILL');
    await first.ended;

    const second = await start();
    talk.moveTo(second);
    await talk.end();
    const pagesAfter = await talk.operatorsPages();
    await eventually(() => talk.foundIn(files()).length === 0, 'everything is erased');
    second.kill('SIGUSR2');

    expect(await second.ended).toBe(1);
    expect([...talk.statuses].sort((one, other) => one - other)).toEqual(everyStatus);
    const log = [...first.lines, ...second.lines].join('\n');
    expect(log).toContain('/api/v1/messages.json');
    expect(log).toContain('/nereid-chat/stream/:token');
    expect(log).toContain('TypeError: a mishap');
    expect(log).not.toContain('canary');
    expect(talk.foundIn(log)).toEqual([]);
    expect(talk.foundIn(pages + pagesAfter)).toEqual([]);
    expect(talk.foundIn(files())).toEqual([]);
  });
});
