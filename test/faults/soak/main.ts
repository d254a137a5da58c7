import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { verdicts } from '../history/judge.ts';
import { startEmbedded, type EmbeddedService } from '../campaign/embedded.ts';
import { endAllProcesses } from '../campaign/processes.ts';
import { Stage } from '../campaign/stage.ts';
import { plot, type Sample } from './plot.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    chats: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    report: { type: 'string', default: 'docs/reliability' },
  },
});

/** Samples of the whole. */
const SAMPLES = 120;

/** Faults of the whole: what a network does, and a restart, each now and then. */
const FAULTS = 12;

/** Share of the samples at the beginning in which a process takes what it needs. */
const WARM_UP = 0.25;

/** How much more than before something may be at the end, to be called flat. */
const FLAT = 1.25;

const milliseconds = Number(values.minutes) * 60_000;

async function sampleOf(begun: number, service: EmbeddedService): Promise<Sample> {
  const text = await (await fetch(`${service.origin}/metrics`)).text();
  const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
  const files = readdirSync(service.dataDir).map(
    (name) => statSync(path.join(service.dataDir, name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return {
    seconds: (performance.now() - begun) / 1000,
    'memory (MiB)': metric('process_resident_memory_bytes') / 1024 / 1024,
    'heap (MiB)': metric('nodejs_heap_size_used_bytes') / 1024 / 1024,
    'open files': metric('process_open_fds'),
    'handles and timers': metric('nodejs_active_resources_total'),
    'files on disk (MiB)': files.reduce((sum, size) => sum + size, 0) / 1024 / 1024,
  };
}

/** Breaks something now and then, and looks at the process all the time. */
async function watch(stage: Stage, service: EmbeddedService): Promise<Sample[]> {
  const samples: Sample[] = [];
  const begun = performance.now();
  // What kills the process begins its memory anew: that is the campaign's. Here it has to last.
  const faults = service.faults.filter(({ name }) => !/kill|restart|disk|clock|SIGTERM/.test(name));
  for (let index = 0; index < SAMPLES; index += 1) {
    await sleep(Math.max(0, begun + (milliseconds * (index + 1)) / SAMPLES - performance.now()));
    samples.push(await sampleOf(begun, service));
    if (index % Math.floor(SAMPLES / FAULTS) !== 5) continue;
    const fault = faults[Math.floor(stage.random() * faults.length)];
    stage.note({ type: 'disturbed', what: fault?.name ?? '' });
    await fault?.run();
  }
  return samples;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** What is higher in the last quarter than after the warm-up, in words. */
function risen(samples: readonly Sample[]): string[] {
  const quarter = Math.floor(samples.length * WARM_UP);
  const names = Object.keys(samples[0] ?? {}).filter((name) => name !== 'seconds');
  return names.flatMap((name) => {
    const early = median(samples.slice(quarter, 2 * quarter).map((sample) => sample[name] ?? 0));
    const late = median(samples.slice(-quarter).map((sample) => sample[name] ?? 0));
    process.stdout.write(`${name}: ${early.toFixed(1)} early, ${late.toFixed(1)} late\n`);
    return late > early * FLAT + 1 ? [name] : [];
  });
}

process.once('exit', endAllProcesses);
const stage = await Stage.open({
  seed: Number(values.seed),
  chats: Number(values.chats),
  messages: 40,
  // Five messages a request: about two messages a second and chat would be too many for a person.
  paceMs: 20_000,
});
const service = await startEmbedded(stage);
stage.start();
const samples = await watch(stage, service);
await stage.finish();
await service.stop();

const { tally } = stage;
const wrong = verdicts.filter((verdict) => tally.verdicts[verdict].length > 0);
process.stdout.write(`${tally.accepted} messages in ${tally.conversations} conversations\n`);
const higher = risen(samples);
mkdirSync(values.report, { recursive: true });
writeFileSync(path.join(values.report, 'soak.json'), `${JSON.stringify(samples)}\n`);
writeFileSync(path.join(values.report, 'soak.svg'), plot(samples));
process.stdout.write(
  `verdicts that are not 0: ${wrong.join(', ') || 'none'}; surprises: ${tally.surprises.length}; not flat: ${higher.join(', ') || 'none'}\n`,
);
for (const surprise of tally.surprises.slice(0, 10)) process.stdout.write(`${surprise}\n`);
process.exit(wrong.length + tally.surprises.length + higher.length === 0 ? 0 : 1);
