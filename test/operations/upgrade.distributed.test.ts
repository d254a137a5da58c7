import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newToken } from '../../src/chat/chat.ts';
import { headerNames } from '../../src/protocol.ts';
import { eventually } from '../support/eventually.ts';
import { startProxy, type Proxy } from '../support/nginx.ts';
import { distributed, freePort, startRedis, type RedisServer } from '../support/processes.ts';
import { mongoScratch, type MongoScratch } from '../support/real-servers.ts';
import type { Person } from '../support/test-client.ts';

// Builds five releases and starts ten processes, one after the other.
jest.setTimeout(480_000);

const repository = path.resolve(__dirname, '../..');

/** What a release is built from, linked to the packages that are installed here. */
const sources = ['config', 'public', 'src', 'workers', 'package.json', 'tsconfig.json', 'LICENSE'];

/** systemd as far as the upgrade needs it: two web processes that can be listed, restarted and asked for. */
const systemctl = `#!/usr/bin/env bash
set -eu
verb=$1; shift; [ "\${1:-}" != --quiet ] || shift
port=\${1#sfchat-web@}; port=\${port%.service}
case $verb in
  list-units) for each in $TEST_PORTS; do echo "sfchat-web@$each.service loaded active running SFChat"; done ;;
  is-failed) ! kill -0 "$(cat "$SFCHAT_ROOT/$port.pid")" 2>/dev/null ;;
  is-active) kill -0 "$(cat "$SFCHAT_ROOT/$port.pid")" ;;
  reset-failed) ;;
  restart)
    if [ -e "$SFCHAT_ROOT/$port.pid" ]; then
      old=$(cat "$SFCHAT_ROOT/$port.pid")
      kill -TERM "$old" 2>/dev/null || true
      while kill -0 "$old" 2>/dev/null; do sleep 0.05; done
    fi
    cd "$SFCHAT_ROOT/current"
    PORT=$port setsid "$TEST_NODE" dist/src/server.js >>"$SFCHAT_ROOT/$port.log" 2>&1 9>&- &
    echo $! >"$SFCHAT_ROOT/$port.pid" ;;
esac
`;

/** npm as it is, but for packages: those that are installed here, instead of a registry's. */
const npm = `#!/usr/bin/env bash
set -eu
case $1 in
  ci) ln -s "$TEST_REPOSITORY/node_modules" node_modules ;;
  prune) ;;
  *) exec "$TEST_NPM" "$@" ;;
esac
`;

const programOf = (name: string): string =>
  execFileSync('sh', ['-c', `command -v ${name}`])
    .toString()
    .trim();

describe('the upgrade of two web processes behind nginx', () => {
  let directory = '';
  let scratch: MongoScratch;
  let redis: RedisServer;
  let proxy: Proxy;
  let ports: number[] = [];
  const at = (...names: string[]): string => path.join(directory, ...names);

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'sfchat-upgrade-'));
    scratch = mongoScratch();
    redis = await startRedis();
    ports = [await freePort(), await freePort()];
    proxy = await startProxy(ports);
    for (const [name, text] of Object.entries({ systemctl, npm })) {
      mkdirSync(at('bin'), { recursive: true });
      writeFileSync(at('bin', name), text);
      chmodSync(at('bin', name), 0o755);
    }
    mkdirSync(at('source'));
    for (const name of sources) {
      cpSync(path.join(repository, name), at('source', name), {
        recursive: true,
        filter: (file) => !file.startsWith(path.join(repository, 'public/assets')),
      });
    }
    git('init', '--quiet', '--initial-branch=main');
    release('one');
  });

  afterAll(async () => {
    for (const port of ports) {
      if (!existsSync(at('root', `${port}.pid`))) continue;
      const pid = Number(readFileSync(at('root', `${port}.pid`), 'utf8'));
      process.kill(pid, 'SIGKILL');
    }
    await proxy.stop();
    await redis.dispose();
    await scratch.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', at('source'), '-c', 'user.name=t', '-c', 'user.email=t@t', ...args])
      .toString()
      .trim();

  /** A version of the page and the server that differs from all others. */
  const release = (name: string): void => {
    appendFileSync(at('source/src/browser/view/style.css'), `\n.release-${name} { color: red; }\n`);
    git('add', '--all');
    git('commit', '--quiet', '--message', name);
  };

  const upgrade = async (...args: string[]): Promise<{ code: number; output: string }> => {
    const child = spawn('bash', [path.join(repository, 'config/upgrade.sh'), ...args], {
      env: {
        ...distributed(scratch.name, redis.url),
        PATH: `${at('bin')}:${process.env['PATH']}`,
        NODE_ENV: 'production',
        TRUST_PROXY: 'loopback',
        RATE_LIMITS: 'off',
        // Polls end soon: at the end somebody waits for the last of them.
        LONG_POLLING_SLEEP: '0.5',
        LONG_POLLING_ITERATION: '4',
        SFCHAT_ROOT: at('root'),
        SFCHAT_SETTINGS: at('sfchat.env'),
        SFCHAT_PATIENCE: '60',
        TEST_PORTS: ports.join(' '),
        TEST_NODE: process.execPath,
        TEST_NPM: programOf('npm'),
        TEST_REPOSITORY: repository,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    const [code] = (await once(child, 'exit')) as [number];
    return { code, output };
  };

  const upgraded = async (...args: string[]): Promise<void> => {
    const { code, output } = await upgrade(...args);
    expect({ code, output }).toMatchObject({ code: 0 });
  };

  const current = (): string => path.basename(readlinkSync(at('root/current')));
  const styleSheet = async (): Promise<string> =>
    /\/assets\/style-[^"]+\.css/.exec((await proxy.ask('/')).text)?.[0] ?? 'none';

  it('loses no request, keeps old assets, goes back, and goes back by itself', async () => {
    await upgraded(at('source'), 'main');
    await eventually(async () => (await proxy.ask('/')).status === 200, 'it serves', 30_000);
    const first = current();
    const firstStyle = await styleSheet();
    const load = startLoad(proxy, firstStyle);

    for (const name of ['two', 'three', 'four']) {
      release(name);
      await upgraded(at('source'), 'main');
    }
    const fourth = current();
    const fourthStyle = await styleSheet();
    const thirdKept = readdirSync(at('root/current/public/assets.previous'));
    await upgraded('--rollback');
    const third = current();

    // The tabs of the version that was rolled back go on, and so do those of the one before.
    expect((await proxy.ask(fourthStyle)).status).toBe(200);
    expect(thirdKept.filter((name) => /^style-.*\.css$/.test(name))).toHaveLength(1);
    expect(third).not.toBe(fourth);
    expect(existsSync(at('root/releases', first))).toBe(false);
    const { sent, received, failures } = await load.stop();

    expect(failures).toEqual([]);
    expect(received).toEqual(sent);
    expect(sent.length).toBeGreaterThan(20);

    writeFileSync(at('source/src/server.ts'), "throw new Error('it does not start');\n");
    release('broken');
    const broken = await upgrade(at('source'), 'main');
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('rolled back to');
    expect(current()).toBe(third);
    expect((await proxy.ask('/')).status).toBe(200);
  });
});

interface Load {
  stop(): Promise<{ sent: string[]; received: string[]; failures: string[] }>;
}

/**
 * Two people who talk and read pages all the while, through the proxy. What is answered 503 under /api they repeat
 * with the same ids, as the page does by itself; everything else that is no success is a failure.
 */
function startLoad(proxy: Proxy, asset: string): Load {
  const failures: string[] = [];
  const sent: string[] = [];
  const received: string[] = [];
  let isOver = false;

  const call = async (method: string, name: string, person: Partial<Person>, body?: object) => {
    for (;;) {
      const headers = {
        'Content-Type': 'application/json',
        ...(person.chatToken && { [headerNames.chatToken]: person.chatToken }),
        ...(person.userToken && { [headerNames.userToken]: person.userToken }),
      };
      const answer = await proxy.ask(`/api/v1/${name}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      if (answer.status !== 503) {
        if (answer.status >= 400)
          failures.push(`${method} ${name} ${answer.status} ${answer.text}`);
        return (JSON.parse(answer.text) as { results: Results }).results;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const repeatedly = async (task: () => Promise<void>): Promise<void> => {
    while (!isOver) {
      await task().catch((error: unknown) => failures.push(String(error)));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  const talk = async (): Promise<void> => {
    const { chatToken, userToken } = await call('POST', 'chat.json', {});
    const joiner = await call('PUT', 'chat.json', { chatToken });
    const one = { chatToken, userToken };
    const two = { chatToken, userToken: joiner.userToken };
    const read = async (query: string): Promise<void> => {
      const { messages = [] } = await call('GET', `messages.json${query}`, two);
      const texts = messages.filter(({ system }) => !system).map(({ msg }) => msg);
      received.push(...texts);
      const ids = messages.map(({ _id }) => ({ _id }));
      if (ids.length > 0) await call('DELETE', 'messages.json', two, { data: { messages: ids } });
    };
    const send = async (): Promise<void> => {
      const msg = `text ${sent.length}`;
      const messages = [{ _id: newToken(), msg }];
      await call('POST', 'messages.json', one, { data: { messages } });
      sent.push(msg);
    };
    // A tab of the first version, whose assets somebody may still ask for until the second upgrade is over.
    const pages = async (): Promise<void> => {
      for (const page of ['/', '/chat', '/faq']) {
        const { status, text } = await proxy.ask(page);
        const wanted = /\/assets\/style-[^"]+\.css/.exec(text)?.[0] ?? asset;
        const style = await proxy.ask(wanted);
        if (status !== 200) failures.push(`${page} ${status}`);
        if (style.status !== 200) failures.push(`${wanted} of ${page} ${style.status}`);
      }
    };
    await Promise.all([repeatedly(send), repeatedly(() => read('')), repeatedly(pages)]);
    await read('?longPolling=false');
  };
  const talking = talk();
  return {
    stop: async () => {
      isOver = true;
      await talking;
      return { sent, received, failures };
    },
  };
}

interface Results {
  readonly chatToken: string;
  readonly userToken: string;
  readonly messages?: readonly {
    readonly _id: string;
    readonly msg: string;
    readonly system?: boolean;
  }[];
}
