import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmbedded, type EmbeddedService } from '../campaign/embedded.ts';
import { endAllProcesses } from '../campaign/processes.ts';
import { keepHistories } from '../campaign/run.ts';
import { Stage, type Tally } from '../campaign/stage.ts';
import { writeReport } from '../campaign/write-report.ts';
import { verdicts } from '../history/judge.ts';
import { givenBack, inWords, trends, type Trend } from './flatness.ts';
import { plot } from './plot.ts';
import { sampleOf, type Sample } from './sample.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    chats: { type: 'string', default: '500' },
    // Each writes every half a minute, some messages at once: as people do.
    pace: { type: 'string', default: '60000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    report: { type: 'string', default: 'docs/reliability' },
    histories: { type: 'string', default: path.join(tmpdir(), 'sfchat-soak') },
  },
});

/** Samples of the whole. */
const SAMPLES = 120;

/** Faults of the whole: what a network does, and people, each now and then. */
const FAULTS = 12;

/** Milliseconds in which what everybody has left behind is cleared away. */
const SETTLING_MS = 5000;

const milliseconds = Number(values.minutes) * 60_000;
const begun = performance.now();

/** Looks at the process, until it answers: one that has much to do is no fault. */
async function measure({ origin, dataDir }: EmbeddedService): Promise<Sample> {
  for (;;) {
    try {
      const answer = await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(20_000) });
      const fileSizes = readdirSync(dataDir).map(
        (name) => statSync(path.join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0,
      );
      const seconds = Math.round((performance.now() - begun) / 1000);
      return sampleOf({ seconds, metrics: await answer.text(), fileSizes });
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('/metrics')) throw error;
      await sleep(1000);
    }
  }
}

/** Breaks something now and then, and looks at the process all the time. */
async function watch(stage: Stage, service: EmbeddedService): Promise<Sample[]> {
  const samples: Sample[] = [];
  // What kills the process begins its memory anew: that is the campaign's. Here it has to last.
  const faults = service.faults.filter(({ name }) => !/kill|restart|disk|clock|SIGTERM/.test(name));
  for (let index = 0; index < SAMPLES; index += 1) {
    await sleep(Math.max(0, begun + (milliseconds * (index + 1)) / SAMPLES - performance.now()));
    samples.push(await measure(service));
    if (index % Math.floor(SAMPLES / FAULTS) !== 5) continue;
    const fault = faults[Math.floor(stage.random() * faults.length)];
    if (fault === undefined) continue;
    stage.note({ type: 'disturbed', what: fault.name });
    const proof = await fault.run();
    stage.note({ type: 'disturbed', what: `after ${fault.name}` });
    say(`${fault.name}: ${proof}`);
  }
  return samples;
}

function say(text: string): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(0).padStart(5);
  process.stdout.write(`${seconds} s  ${text}\n`);
}

/** Prints what was found and writes it down; whether all of it is as it should be. */
async function report(
  tally: Tally,
  samples: readonly Sample[],
  found: readonly Trend[],
): Promise<boolean> {
  const counts = Object.fromEntries(
    verdicts.map((verdict) => [verdict, tally.verdicts[verdict].length]),
  );
  const wrong = verdicts.flatMap((verdict) =>
    tally.verdicts[verdict].map((what) => `${verdict}: ${what}`),
  );
  const { accepted: messages, conversations, surprises } = tally;
  const result = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    minutes: Number(values.minutes),
    chats: Number(values.chats),
    seed: Number(values.seed),
    messages,
    conversations,
    verdicts: counts,
    surprises: surprises.length,
    trends: found,
    samples,
  };
  await writeReport(values.report, 'soak.json', JSON.stringify(result));
  writeFileSync(path.join(values.report, 'soak.svg'), plot(samples));
  keepHistories({ out: values.histories, name: 'soak' }, tally);
  say(`${messages} messages in ${conversations} conversations`);
  for (const trend of found) process.stdout.write(`  ${inWords(trend)}\n`);
  for (const what of [...wrong, ...surprises].slice(0, 20)) process.stdout.write(`  ${what}\n`);
  const isGood = wrong.length + surprises.length === 0 && found.every(({ isFlat }) => isFlat);
  process.stdout.write(isGood ? 'Everything is flat, and nothing is wrong.\n' : 'NOT GOOD\n');
  return isGood;
}

process.once('exit', endAllProcesses);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.exit(1);
  });
}
process.stdout.write(`seed ${values.seed}\n`);
const stage = await Stage.open({
  seed: Number(values.seed),
  chats: Number(values.chats),
  messages: 40,
  paceMs: Number(values.pace),
});
const service = await startEmbedded(stage);
const before = await measure(service);
stage.start();
const samples = await watch(stage, service);
await stage.finish();
await sleep(SETTLING_MS);
const after = await measure(service);
await service.stop();
const found = [...trends(samples), ...givenBack(before, after)];
process.exit((await report(stage.tally, samples, found)) ? 0 : 1);
