import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Builds nothing and installs nothing: this is about which release is where. */
const npm = '#!/bin/sh\nexit 0\n';

/** No unit of SFChat is active. */
const systemctl = '#!/bin/sh\nexit 0\n';

let directory = '';
const at = (...names: string[]): string => path.join(directory, ...names);

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', at('source'), '-c', 'user.name=t', '-c', 'user.email=t@t', ...args])
    .toString()
    .trim();

/** The name of a new release. */
function release(text: string): string {
  writeFileSync(at('source', 'file'), text);
  git('add', '--all');
  git('commit', '--quiet', '--message', text);
  return git('rev-parse', '--short=12', 'HEAD');
}

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sfchat-releases-'));
  for (const [name, text] of Object.entries({ npm, systemctl })) {
    mkdirSync(at('bin'), { recursive: true });
    writeFileSync(at('bin', name), text);
    chmodSync(at('bin', name), 0o755);
  }
  mkdirSync(at('source'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function upgrade(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['config/upgrade.sh', ...args], {
    encoding: 'utf8',
    env: { PATH: `${at('bin')}:${process.env['PATH']}`, SFCHAT_ROOT: at('root') },
  });
  return { code: status, output: stdout + stderr };
}

/** What runs, and what ran before, as the script says it. */
function releases(): [string | undefined, string | undefined] {
  const { output } = upgrade('--status');
  const named = (which: string) => new RegExp(`${which}: +(\\S+)`).exec(output)?.[1];
  return [named('current'), named('previous')];
}

describe('the first installation', () => {
  it('has no release before it', () => {
    const first = release('one');

    expect(upgrade(at('source')).code).toBe(0);

    expect(releases()).toEqual([first, undefined]);
    expect(existsSync(at('root', 'previous'))).toBe(false);
  });

  it('stays when somebody wants to go back behind it', () => {
    const first = release('one');
    upgrade(at('source'));

    const { code, output } = upgrade('--rollback');

    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringContaining('there is no release before this one') as string,
    });
    expect(releases()).toEqual([first, undefined]);
    expect(existsSync(at('root', 'current', 'file'))).toBe(true);
  });
});

describe('a rollback', () => {
  it('goes back, and forward again', () => {
    const first = release('one');
    upgrade(at('source'));
    const second = release('two');
    upgrade(at('source'));
    expect(releases()).toEqual([second, first]);

    expect(upgrade('--rollback').code).toBe(0);
    expect(releases()).toEqual([first, second]);

    expect(upgrade('--rollback').code).toBe(0);
    expect(releases()).toEqual([second, first]);
  });
});
