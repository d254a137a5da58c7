import { execFileSync } from 'node:child_process';

/** What a rule of `npm run supply-chain` decides; they are scripts of the build, so another process asks them. */
function decide(rule: string, ...args: unknown[]): unknown {
  const program = `
    const rules = await import('./config/build/supply-chain-rules.mjs');
    const args = JSON.parse(process.argv[1]);
    console.log(JSON.stringify(rules[${JSON.stringify(rule)}](...args)));`;
  const flags = ['--input-type=module', '--eval', program, JSON.stringify(args)];
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
}

describe('an advisory', () => {
  const advisory = { url: 'https://example.org/1', title: 'It breaks' };
  const found = { broken: { via: [advisory] }, above: { via: ['broken'] } };
  const why = 'not reached by anything of ours';
  const open = (exceptions: object, today = '2026-11-30') =>
    decide('openAdvisories', found, exceptions, today);

  it('is named once, however many packages it reaches', () => {
    const again = { ...found, other: { via: [advisory, 'broken'] } };
    expect(decide('openAdvisories', again, {}, '2026-11-30')).toEqual([
      'https://example.org/1 It breaks',
    ]);
  });

  it('is let through until the last day of its exception, and not after it', () => {
    const exceptions = { [advisory.url]: { until: '2026-11-30', why } };

    expect(open(exceptions, '2026-11-30')).toEqual([]);
    expect(open(exceptions, '2026-12-01')).toHaveLength(1);
  });

  it('is not let through by an exception without a day or without a reason', () => {
    for (const exception of [
      { why },
      { until: 'never', why },
      { until: '9', why },
      { until: '2027-01-01' },
    ]) {
      expect(open({ [advisory.url]: exception })).toHaveLength(1);
    }
  });

  it('is not let through by the exception for another one', () => {
    expect(open({ 'https://example.org/2': { until: '2027-01-01', why } })).toHaveLength(1);
  });

  it('is none where nothing was found', () => {
    expect(decide('openAdvisories', {}, {}, '2026-11-30')).toEqual([]);
  });
});

describe('two builds', () => {
  const build = { 'dist/a.js': 'hash 1', 'public/b.css': 'hash 2' };

  it('are the same when each file is', () => {
    expect(decide('differentFiles', build, { ...build })).toEqual([]);
  });

  it('differ in a file that reads otherwise, and in one that only one of them has', () => {
    const other = { 'dist/a.js': 'hash 3', 'dist/c.js': 'hash 4' };
    expect(decide('differentFiles', build, other)).toEqual([
      'dist/a.js',
      'public/b.css',
      'dist/c.js',
    ]);
  });
});

describe('a package', () => {
  const of = (...ids: (string | undefined)[]) => ({
    purl: `pkg:npm/${ids.join('-')}@1`,
    licenses: ids.map((id) => ({ license: { id } })),
  });

  it('is looked at when its licence asks for more than its name, or when it has none', () => {
    const none = { purl: 'pkg:npm/none@1' };
    expect(
      decide('packagesToLookAt', [
        of('MIT'),
        of('GPL-3.0-only'),
        of('MIT', 'SSPL-1.0'),
        of(undefined),
        none,
      ]),
    ).toEqual(['pkg:npm/GPL-3.0-only@1', 'pkg:npm/MIT-SSPL-1.0@1', 'pkg:npm/@1', 'pkg:npm/none@1']);
  });
});
