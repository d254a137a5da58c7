import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import { eventually } from '../support/eventually.ts';
import { endProcesses, startWeb } from '../support/processes.ts';
import { textsIn, type Person, type TestClient } from '../support/test-client.ts';

/** Starting a process takes as long as it takes on a machine that does other things, too. */
jest.setTimeout(120_000);

const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;

/** Whether this process may mount a file system of its own, as root may on most machines. */
const canMount = ((): boolean => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-mount-'));
  const isMounted = mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory);
  if (isMounted) spawnSync('umount', [directory]);
  rmSync(directory, { recursive: true });
  return isMounted;
})();

/** Elsewhere, `test/unit/embedded/journaled-store.test.ts` has a disk that only says that it is full. */
(canMount ? describe : describe.skip)('a server on a disk that is full', () => {
  let dataDir = '';
  const filler = () => path.join(dataDir, 'filler');
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'sfchat-full-'));
    mount('-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dataDir);
  });
  afterEach(async () => {
    await endProcesses();
    spawnSync('umount', [dataDir]);
    rmSync(dataDir, { recursive: true });
  });
  const serve = () => startWeb({ DATA_DIR: dataDir, RATE_LIMITS: 'off', LOG_LEVEL: 'info' });

  /** Takes what is left of the disk. */
  const fill = (): void => {
    const file = openSync(filler(), 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096, 1));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    } finally {
      closeSync(file);
    }
  };

  /** Sends until that is refused, as it is when what the log has is used up; gives what was accepted. */
  const sendUntilRefused = async (client: TestClient, person: Person): Promise<string[]> => {
    const accepted: string[] = [];
    for (;;) {
      const msg = `${newToken()} ${'x'.repeat(100)}`;
      const { status, headers } = await client.send(person, msg);
      if (status !== 202) {
        expect(status).toBe(503);
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
        return accepted;
      }
      accepted.push(msg);
      fill();
    }
  };

  it('keeps everything, lets people read, acknowledge and close, starts again, and heals', async () => {
    const first = await serve();
    const pairs = [];
    for (let index = 0; index < 5; index += 1) pairs.push(await first.client.quietPair());
    const [talking, ...others] = pairs as [(typeof pairs)[0], ...typeof pairs];
    for (const { creator } of others) await first.client.send(creator, 'before');
    fill();

    // An erasure makes it fail at last: the log is emptied after it, and the next write finds no room.
    await first.client.send(talking.joiner, 'to be erased');
    await first.client.empty(talking.creator);
    await eventually(async () => {
      fill();
      const { status } = await first.client.send(others[0]!.creator, 'fill the log');
      if (status === 202) await first.client.empty(others[0]!.joiner);
      return status === 503;
    }, 'the disk is full');
    const accepted = await sendUntilRefused(first.client, talking.creator);

    expect(await first.client.create()).toMatchObject({ status: 503 });
    for (const { joiner } of others) {
      expect(textsIn(await first.client.receive(joiner)).length).toBeLessThanOrEqual(1);
      await first.client.empty(joiner);
      fill();
    }
    for (const { creator } of others) {
      expect(await first.client.close(creator)).toMatchObject({ status: 202 });
      fill();
    }

    first.kill('SIGKILL');
    await first.ended;
    fill();
    const { client } = await serve();
    expect(textsIn(await client.receive(talking.joiner))).toEqual(accepted);
    await client.empty(talking.joiner);
    for (const { joiner } of others) {
      expect((await client.receive(joiner)).results).toMatchObject({ status: 'closed', count: 1 });
    }

    rmSync(filler());
    await eventually(
      async () => (await client.send(talking.creator, 'healed')).status === 202,
      'it takes messages again',
    );
    expect((await client.raw('GET', '/readyz')).status).toBe(200);
  });
});
