import type { Sample } from './history.ts';

interface Series {
  readonly name: keyof Omit<Sample, 'at'>;
  readonly title: string;
  /** How the values of an hour make one figure, and what that figure is. */
  readonly sum: (values: readonly number[]) => string;
}

const total = (values: readonly number[]): string =>
  `${values.reduce((sum, value) => sum + value, 0)} in all`;

const series: readonly Series[] = [
  { name: 'created', title: 'Chats created', sum: total },
  { name: 'joined', title: 'Chats joined', sum: total },
  { name: 'closed', title: 'Chats closed', sum: total },
  { name: 'heldPolls', title: 'Held polls', sum: (values) => `${values.at(-1) ?? 0} now` },
];

/** Drawn in these units; the style sheet says how large. */
const WIDTH = 240;
const HEIGHT = 60;

/** A bar for each sample of each series, and the same as a table. */
export function chartsSection(samples: readonly Sample[], size: number): string {
  const charts = series.map((each) => chart(each, samples, size)).join('\n');
  return `<section aria-labelledby="activity">
<h2 id="activity">Activity</h2>
<p class="hint">What this process has seen in the last hour, minute by minute; other processes have their own. For all of them together there is Prometheus.</p>
<div class="charts">${charts}</div>
<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Activity as a table">${table(samples)}</div></details>
</section>`;
}

function chart({ name, title, sum }: Series, samples: readonly Sample[], size: number): string {
  const values = samples.map((sample) => sample[name]);
  const most = Math.max(...values);
  const step = WIDTH / size;
  const bars = values.map((value, index) => {
    if (value === 0) return '';
    const height = (value / most) * HEIGHT;
    const x = WIDTH - (values.length - index) * step;
    return `<rect x="${round(x)}" y="${round(HEIGHT - height)}" width="${round(step * 0.8)}" height="${round(height)}"/>`;
  });
  const first = samples[0]?.at ?? 0;
  return `<figure>
<figcaption>${title} <span>${sum(values)}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 1}" preserveAspectRatio="none" role="img" aria-labelledby="${name}-title ${name}-text">
<title id="${name}-title">${title}, minute by minute</title>
<desc id="${name}-text">${values.length} minutes since ${timeOfDay(first)} UTC: ${sum(values)}, ${most} in one minute at the most. The table below has every value.</desc>
<g fill="currentColor">${bars.join('')}</g>
<line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT + 0.5}" y2="${HEIGHT + 0.5}" vector-effect="non-scaling-stroke"/>
</svg>
<div class="scale" aria-hidden="true"><span>1 h ago</span><span>most: ${most}</span><span>now</span></div>
</figure>`;
}

function table(samples: readonly Sample[]): string {
  const rows = samples
    .toReversed()
    .map(
      (sample) =>
        `<tr><th scope="row">${timeOfDay(sample.at)}</th>${series
          .map(({ name }) => `<td>${sample[name]}</td>`)
          .join('')}</tr>`,
    );
  const heads = series.map(({ title }) => `<th scope="col">${title}</th>`);
  return `<table><caption>The newest minute, still running, first; times in UTC</caption>
<thead><tr><th scope="col">Minute</th>${heads.join('')}</tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}

const timeOfDay = (time: number): string => new Date(time).toISOString().slice(11, 16);

const round = (value: number): number => Math.round(value * 100) / 100;
