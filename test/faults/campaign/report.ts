import { verdicts } from '../history/judge.ts';
import type { CampaignResult } from './run.ts';

/** What a campaign found, for a terminal. */
export function summaryOf(results: readonly CampaignResult[]): string {
  return results
    .map((result) => {
      const { name, tally, faults, seconds, leftOut } = result;
      const counts = verdicts.map((verdict) => `${verdict} ${tally.verdicts[verdict].length}`);
      const unproven = faults.filter(({ proof }) => proof.startsWith('NOT PROVEN'));
      return [
        `${name}: ${faults.length} faults, ${tally.accepted} messages in ${tally.conversations} conversations, ${seconds.toFixed(0)} s`,
        `  ${counts.join(', ')}, surprises ${tally.surprises.length}, not proven ${unproven.length}`,
        ...leftOut.map((what) => `  !!! LEFT OUT: ${what}`),
        ...verdicts.flatMap((verdict) =>
          tally.verdicts[verdict].slice(0, 5).map((what) => `  ${verdict}: ${what}`),
        ),
        ...tally.surprises.slice(0, 10).map((what) => `  surprise: ${what}`),
      ].join('\n');
    })
    .join('\n');
}

/** The same as a page for docs/reliability. */
export function reportOf(results: readonly CampaignResult[], seed: number): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const head = ['', ...results.map(({ name }) => name)];
  const figures: [string, (result: CampaignResult) => string | number][] = [
    ['faults', ({ faults }) => faults.length],
    ['messages accepted', ({ tally }) => tally.accepted],
    ['conversations', ({ tally }) => tally.conversations],
    ['seconds', ({ seconds }) => Math.round(seconds)],
    ...verdicts.map(
      (verdict) =>
        [verdict, ({ tally }: CampaignResult) => tally.verdicts[verdict].length] as [
          string,
          (result: CampaignResult) => number,
        ],
    ),
    ['surprises', ({ tally }) => tally.surprises.length],
  ];
  return [
    '# The last long campaign',
    '',
    `Written by \`npm run campaign -- --report docs/reliability\` on ${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, seed ${seed}.`,
    '[What the words mean](README.md).',
    '',
    row(head),
    row(head.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...figures.map(([name, value]) => row([name, ...results.map(value)])),
    '',
    ...results.flatMap(faultTable),
  ].join('\n');
}

function faultTable({ name, faults, leftOut }: CampaignResult): string[] {
  const names = [...new Set(faults.map((fault) => fault.name))].sort();
  const rows = names.map((fault) => {
    const hits = faults.filter((one) => one.name === fault);
    const proven = hits.filter(({ proof }) => !proof.startsWith('NOT PROVEN'));
    return `| ${fault} | ${hits.length} | ${proven.length} | ${proven[0]?.proof ?? ''} |`;
  });
  return [
    `## ${name}`,
    '',
    '| fault | times | proven to have hit | such as |',
    '| --- | ---: | ---: | --- |',
    ...rows,
    '',
    ...leftOut.map((what) => `Left out: ${what}.\n`),
  ];
}
