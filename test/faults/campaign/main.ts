import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startDistributed, whatDistributedNeeds } from './distributed.ts';
import { startEmbedded } from './embedded.ts';
import { endAllProcesses } from './processes.ts';
import { reportOf, summaryOf } from './report.ts';
import {
  hasSurprises,
  isClean,
  runCampaign,
  type CampaignOptions,
  type CampaignResult,
} from './run.ts';
import { writeReport } from './write-report.ts';

const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '500' },
    messages: { type: 'string', default: '200000' },
    mode: { type: 'string', default: 'both' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '90' },
    chats: { type: 'string', default: '12' },
    pace: { type: 'string', default: '60' },
    report: { type: 'string', default: 'docs/reliability' },
    histories: { type: 'string', default: path.join(tmpdir(), 'sfchat-campaign') },
  },
});

const missing = whatDistributedNeeds();
const isDistributed = values.mode !== 'embedded' && missing === null;
const isEmbedded = values.mode !== 'distributed';
if (values.mode !== 'embedded' && missing !== null) {
  process.stderr.write(`!!! LEFT OUT: the campaign in distributed mode. It needs ${missing}.\n`);
  if (process.env['SFCHAT_TEST_ALL'] === '1') process.exit(1);
}
const modes = Number(isDistributed) + Number(isEmbedded);
const common = {
  seed: Number(values.seed),
  faults: Math.ceil(Number(values.faults) / modes),
  messages: Math.ceil(Number(values.messages) / modes),
  chats: Number(values.chats),
  paceMs: Number(values.pace),
  limitMs: Number(values.minutes) * 60_000,
  out: values.histories,
};
const campaigns: CampaignOptions[] = [
  ...(isEmbedded ? [{ ...common, name: 'embedded', start: startEmbedded }] : []),
  ...(isDistributed ? [{ ...common, name: 'distributed', start: startDistributed }] : []),
];

process.once('exit', endAllProcesses);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.exit(1);
  });
}
process.stdout.write(`seed ${values.seed}\n`);
// Beside each other: they share a machine and nothing else.
const results: CampaignResult[] = await Promise.all(campaigns.map(runCampaign));
process.stdout.write(`\n${summaryOf(results)}\n`);
await writeReport(values.report, 'campaign.md', reportOf(results, Number(values.seed)));
/** 1: a promise was broken; 2: something surprised, and has to be looked at; 3: it was not brought to its end. */
const exitCode = (): number => {
  if (!results.every(isClean)) return 1;
  if (!results.every(({ isWhole }) => isWhole)) return 3;
  return results.some(hasSurprises) ? 2 : 0;
};
if (exitCode() > 0) process.stdout.write(`What went wrong is in ${values.histories}\n`);
process.exit(exitCode());
