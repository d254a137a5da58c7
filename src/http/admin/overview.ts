import type { FinishedRun } from '../../chat/termination-log.ts';
import type { LimitName } from '../limit-names.ts';
import type { PartState } from '../ops/ops-routes.ts';
import type { Capacities, ServiceFacts } from '../ops/service-gauges.ts';
import type { Trouble } from '../ops/troubles.ts';
import type { VitalSigns } from '../ops/vital-signs.ts';
import { escapeHtml } from '../pages/templates.ts';
import { number } from './figures.ts';

/** What an operator asks first. */
export interface Overview {
  readonly signs: VitalSigns;
  readonly facts: ServiceFacts;
  /** When this process began to serve, in ms since the epoch. */
  readonly startedAt: number;
  /** What of each limit is in use in this process now. */
  readonly usage: Capacities;
}

/** Where to look when the storage is down, and what people notice. */
const storageDown: Readonly<Record<string, string>> = {
  embedded:
    'The disk is full or cannot be written; the log says which. Reading, acknowledging and closing go on; sending and creating get 503 and are tried again.',
  distributed:
    'MongoDB does not answer. Nothing can be read or written: everybody gets 503 and tries again.',
};

type Meanings = Readonly<Record<string, Readonly<Record<PartState, string>>>>;

/** What each state of a part means for the people who talk. */
const meaningsIn = (mode: string): Meanings => ({
  server: {
    ok: 'This process answers.',
    degraded: 'This process answers.',
    down: 'This process is stopping.',
  },
  storage: {
    ok: 'Chats are read and written.',
    degraded: 'Chats are read and written, slowly.',
    down: storageDown[mode] ?? '',
  },
  wake: {
    ok: 'Messages wake the polls that wait for them.',
    degraded: 'Messages arrive a few seconds late: Redis does not answer.',
    down: 'Messages arrive a few seconds late: Redis does not answer.',
  },
  worker: {
    ok: 'A worker gives signs of life.',
    degraded: 'Not known: Redis does not answer.',
    down: 'No worker gives a sign of life: chats are not ended and not removed.',
  },
});

const signOf: Readonly<Record<PartState, string>> = { ok: '✓', degraded: '!', down: '✕' };

/** The state of each part and the figures beside it, for the first screen. */
export function overviewSection(overview: Overview): string {
  const { parts } = overview.signs;
  const meanings = meaningsIn(overview.facts.mode);
  const cards = Object.entries(parts).map(([name, state]) =>
    stateCard(name, state, meanings[name]?.[state] ?? ''),
  );
  return `${verdict(parts)}
<section aria-labelledby="state"><h2 id="state">State</h2>
<dl class="facts">${cards.join('')}</dl>
<dl class="facts">${figures(overview).map(factCard).join('')}</dl>
</section>`;
}

function verdict(parts: VitalSigns['parts']): string {
  const named = (state: PartState): string[] =>
    Object.keys(parts).filter((name) => parts[name] === state);
  const [down, degraded] = [named('down'), named('degraded')];
  const others = degraded.length > 0 ? ` Degraded: ${degraded.join(', ')}.` : '';
  if (down.length > 0) return `<p class="verdict down">Down: ${down.join(', ')}.${others}</p>`;
  if (degraded.length > 0) return `<p class="verdict degraded">The service goes on.${others}</p>`;
  return '<p class="verdict ok">Everything works.</p>';
}

const stateCard = (name: string, state: PartState, meaning: string): string =>
  `<div class="state ${state}"><dt>${name}</dt><dd><span aria-hidden="true">${signOf[state]} </span>${state}</dd><dd class="admin-words">${meaning}</dd></div>`;

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly words?: string;
}

const factCard = ({ name, value, words }: Figure): string =>
  `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd>${words === undefined ? '' : `<dd class="admin-words">${escapeHtml(words)}</dd>`}</div>`;

function figures({ signs, facts, startedAt, usage }: Overview): Figure[] {
  const { at, termination, chats, storedBytes, latency, trouble } = signs;
  const of = (limit: LimitName): number | undefined => facts.capacities[limit];
  return [
    { name: 'Version', value: facts.version, words: `${facts.mode}, Node.js ${process.version}` },
    { name: 'Up for', value: duration(at - startedAt), words: 'this process' },
    lastTrouble(trouble),
    lastRun(termination?.lastRun, at, termination === null),
    ...(facts.hasWorkers ? [heartbeat(termination?.workerSeenAt, at, termination === null)] : []),
    against('Held polls', usage.held_polls ?? null, of('held_polls'), 'in this process'),
    against('Connections', usage.connections ?? null, of('connections'), 'to this process'),
    against('Live chats', chats === null ? null : chats.draft + chats.ready, of('live_chats')),
    against(
      'Stored megabytes',
      storedBytes === null ? null : storedBytes / 1e6,
      megabytes(of('stored_bytes')),
    ),
    { name: 'Storage answers in', value: milliseconds(latency.storage) },
    { name: 'Wake-ups take', value: milliseconds(latency.wake) },
  ];
}

/** Since when, or until when, some part was not well. */
function lastTrouble(trouble: Trouble | null): Figure {
  const name = 'Last trouble';
  if (trouble === null) return { name, value: 'none seen', words: 'since this process began' };
  const { parts, from, until } = trouble;
  const words =
    until === null
      ? `since ${readableTime(from)} UTC`
      : `over since ${readableTime(until)} UTC, began at ${readableTime(from)} UTC`;
  return { name, value: parts.join(', '), words };
}

function lastRun(run: FinishedRun | null | undefined, now: number, isUnknown: boolean): Figure {
  const name = 'Last termination';
  if (run === null || run === undefined) {
    return { name, value: isUnknown ? 'not known' : 'none yet' };
  }
  const words = `at ${readableTime(run.at)} UTC: ended ${run.expired}, removed ${run.removed}, in ${run.milliseconds} ms`;
  return { name, value: `${duration(now - run.at)} ago`, words };
}

function heartbeat(seenAt: number | null | undefined, now: number, isUnknown: boolean): Figure {
  const name = 'Worker heartbeat';
  if (seenAt === null || seenAt === undefined) {
    return { name, value: isUnknown ? 'not known' : 'none' };
  }
  return { name, value: `${duration(now - seenAt)} ago`, words: `at ${readableTime(seenAt)} UTC` };
}

/** A figure beside its limit, where there is one. */
function against(
  name: string,
  value: number | null,
  limit: number | undefined,
  where?: string,
): Figure {
  if (value === null) return { name, value: 'not known' };
  const share =
    limit === undefined ? 'no limit' : `of ${number(limit)} (${number((value / limit) * 100)} %)`;
  return { name, value: number(value), words: where === undefined ? share : `${share}, ${where}` };
}

const megabytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes / 1e6;

const milliseconds = (seconds: number | null): string =>
  seconds === null ? 'no answer' : `${number(seconds * 1000)} ms`;

/** The two largest units of a stretch of time in ms. */
function duration(time: number): string {
  const seconds = Math.max(0, Math.round(time / 1000));
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A time in ms since the epoch, in UTC and to the second. */
export const readableTime = (time: number): string =>
  new Date(time).toISOString().slice(0, 19).replace('T', ' ');
