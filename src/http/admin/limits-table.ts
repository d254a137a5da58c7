import { limitNames, type LimitName } from '../limit-names.ts';
import type { Capacities } from '../ops/service-gauges.ts';
import { number } from './figures.ts';

/** What is known of the limits when somebody looks. */
export interface LimitsView {
  /** What there may be at once; nothing where nothing is limited. */
  readonly capacities: Capacities;
  /** How much of them is in use, as far as it is known. */
  readonly usage: Capacities;
  /** Refusals since the process began. */
  readonly refusals: ReadonlyMap<LimitName, number>;
}

/** Whom or what each limit is for. */
const subjects: Readonly<Record<LimitName, string>> = {
  held_polls: 'Held polls',
  held_polls_per_address: 'Held polls of one address',
  connections: 'Connections',
  connections_per_address: 'Connections of one address',
  live_chats: 'Live chats',
  stored_bytes: 'Stored bytes',
  chats_created: 'Chats created by one address',
  failed_joins: 'Wrong codes of one address',
  failed_authentications: 'Wrong tokens of one address',
  messages: 'Messages of one person',
  signals: 'Signals of one person',
  read: 'Reading by one person',
  admin_logins: 'Wrong passwords here',
};

/** Limits of what there may be at once: only these can be in use. */
const atOnce: readonly LimitName[] = [
  'held_polls',
  'held_polls_per_address',
  'connections',
  'connections_per_address',
  'live_chats',
  'stored_bytes',
];

/** Every limit: what of it is in use, and how often it has refused somebody. Of addresses the busiest counts. */
export function limitsSection(view: LimitsView): string {
  const names = [...atOnce, ...limitNames.filter((name) => !atOnce.includes(name))];
  return `<section aria-labelledby="limits">
<h2 id="limits">Limits</h2>
<p class="hint">In use now, and refused since this process began; of one address means the busiest one, which is not known by name.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Limits as a table">
<table><thead><tr><th scope="col">Limit</th><th scope="col">In use</th><th scope="col">Of</th><th scope="col">Refused</th></tr></thead>
<tbody>${names.map((name) => row(name, view)).join('\n')}</tbody></table></div>
</section>`;
}

const row = (name: LimitName, { capacities, usage, refusals }: LimitsView): string =>
  `<tr><th scope="row">${subjects[name]}</th><td>${cell(usage[name])}</td><td>${cell(capacities[name])}</td><td>${cell(refusals.get(name))}</td></tr>`;

const cell = (value: number | undefined): string => (value === undefined ? '' : number(value));
