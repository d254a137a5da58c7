import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { verdicts } from '../history/judge.ts';
import type { Service } from './embedded.ts';
import type { Fault } from './faults.ts';
import { until } from './processes.ts';
import { Stage, type Tally } from './stage.ts';

export interface CampaignOptions {
  readonly name: string;
  readonly seed: number;
  readonly faults: number;
  readonly messages: number;
  readonly chats: number;
  readonly paceMs: number;
  /** Milliseconds after which it is given up. */
  readonly limitMs: number;
  /** Where histories go with which something is wrong. */
  readonly out: string;
  readonly start: (stage: Stage) => Promise<Service>;
}

export interface FaultResult {
  readonly name: string;
  readonly proof: string;
}

export interface CampaignResult {
  readonly name: string;
  readonly faults: readonly FaultResult[];
  readonly leftOut: readonly string[];
  readonly tally: Tally;
  /** It was brought to its end. */
  readonly isWhole: boolean;
  readonly seconds: number;
}

/** Milliseconds in which a service must be healthy after a fault is mended. */
const HEALTHY_WITHIN_MS = 180_000;

/** Breaks one thing after the other while people talk, so that each fault has its share of the messages. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const begun = performance.now();
  const stage = await Stage.open({
    seed: options.seed,
    chats: options.chats,
    messages: 40,
    paceMs: options.paceMs,
  });
  const service = await options.start(stage);
  const results: FaultResult[] = [];
  const deadline = begun + options.limitMs;
  let isWhole = true;
  stage.start();
  const asides = runAsides(options, service, begun);
  // Awaited at the end; until then its failure is nobody's.
  asides.catch(() => undefined);
  try {
    const count = options.faults - asideCount(options, service);
    for (const [index, fault] of inTurn(service.faults, count, stage.random).entries()) {
      await withDeadline(stage.accepted((options.messages * (index + 0.5)) / count), deadline);
      results.push(await breakAndMend(stage, service, fault, deadline));
      const { proof } = results.at(-1) ?? { proof: '' };
      say(options, `${index + 1}. ${fault.name}: ${proof}`, begun);
    }
    await withDeadline(stage.accepted(options.messages), deadline);
    results.push(...(await withDeadline(asides, deadline)));
    await withDeadline(stage.finish(), deadline);
  } catch (error) {
    isWhole = false;
    stage.surprise(
      `the campaign was given up: ${String(error)}\n${service.log().slice(-10).join('\n')}`,
    );
  }
  await service.stop();
  keepHistories(options, stage.tally);
  const seconds = (performance.now() - begun) / 1000;
  return {
    name: options.name,
    faults: results,
    leftOut: service.leftOut,
    tally: stage.tally,
    isWhole,
    seconds,
  };
}

/** One in twenty-five faults is tried aside, and each of them at least once. */
const asideCount = ({ faults }: CampaignOptions, { asides }: Service): number =>
  Math.max(asides.length, Math.floor(faults / 25));

async function runAsides(
  options: CampaignOptions,
  service: Service,
  begun: number,
): Promise<FaultResult[]> {
  const results: FaultResult[] = [];
  const count = asideCount(options, service);
  for (let index = 0; index < count; index += 1) {
    const fault = service.asides[index % service.asides.length];
    if (fault === undefined) break;
    const proof = await fault.run();
    results.push({ name: fault.name, proof });
    say(options, `aside: ${fault.name}: ${proof}`, begun);
  }
  return results;
}

async function breakAndMend(
  stage: Stage,
  service: Service,
  fault: Fault,
  deadline: number,
): Promise<FaultResult> {
  stage.note({ type: 'disturbed', what: fault.name });
  const proof = await withDeadline(fault.run(), deadline);
  await until(() => service.isHealthy(), `healthy after ${fault.name}`, HEALTHY_WITHIN_MS);
  stage.note({ type: 'disturbed', what: `after ${fault.name}` });
  return { name: fault.name, proof };
}

/** Every fault once, then again by weight; in an order that the seed reproduces. */
function inTurn(faults: readonly Fault[], count: number, random: () => number): Fault[] {
  const again = faults.flatMap((fault) => Array.from({ length: fault.weight ?? 1 }, () => fault));
  const more = Array.from({ length: Math.max(0, count - faults.length) }, () =>
    again.at(Math.floor(random() * again.length)),
  );
  return [...faults, ...more]
    .filter((fault) => fault !== undefined)
    .slice(0, count)
    .map((fault) => ({ fault, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

/** What is awaited, unless the time of the whole campaign is over first. */
async function withDeadline<Result>(promise: Promise<Result>, deadline: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(new Error('it took too long'));
      },
      Math.max(0, deadline - performance.now()),
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function say({ name }: CampaignOptions, text: string, begun: number): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${name.padEnd(12)} ${text}\n`);
}

/** Histories hold texts of the campaign only; they go where whoever runs it says. */
export function keepHistories(
  { out, name }: Pick<CampaignOptions, 'out' | 'name'>,
  { histories, surprises }: Tally,
): void {
  if (histories.length === 0 && surprises.length === 0) return;
  mkdirSync(out, { recursive: true });
  for (const history of histories) {
    writeFileSync(path.join(out, `${name}-${history.chat}.json`), JSON.stringify(history, null, 1));
  }
  appendFileSync(path.join(out, `${name}-surprises.txt`), `${surprises.join('\n')}\n`);
}

/**
 * Whether every verdict is 0. A kill that came too late to hit what it was for is counted in the report; it is a
 * matter of the disk, not of the service.
 */
export const isClean = ({ tally }: CampaignResult): boolean =>
  verdicts.every((verdict) => tally.verdicts[verdict].length === 0);

/** Whether there was an answer that no fault explains. */
export const hasSurprises = ({ tally }: CampaignResult): boolean => tally.surprises.length > 0;
