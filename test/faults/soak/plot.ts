import type { Sample } from './sample.ts';

const WIDTH = 720;
const HEIGHT = 110;
const LEFT = 60;

/** One line for each thing that was measured, from 0 to a little over its highest value, as an SVG. */
export function plot(samples: readonly Sample[]): string {
  const names = Object.keys(samples[0] ?? {}).filter((name) => name !== 'seconds');
  const charts = names.map((name, index) => chart(samples, name, index * (HEIGHT + 40) + 30));
  const height = names.length * (HEIGHT + 40) + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...charts,
    '</svg>',
    '',
  ].join('\n');
}

function chart(samples: readonly Sample[], name: string, top: number): string {
  const end = samples.at(-1)?.seconds ?? 1;
  const most = Math.max(1, ...samples.map((sample) => sample[name] ?? 0)) * 1.1;
  const points = samples.map((sample) => {
    const x = LEFT + (sample.seconds / end) * (WIDTH - LEFT - 10);
    const y = top + HEIGHT - ((sample[name] ?? 0) / most) * HEIGHT;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const bottom = top + HEIGHT;
  return [
    `<text x="${LEFT}" y="${top - 8}">${name}</text>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${most.toFixed(0)}</text>`,
    `<text x="${LEFT - 6}" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="${WIDTH - 10}" y="${bottom + 14}" text-anchor="end">${inMinutes(end)} min</text>`,
    `<path d="M${LEFT} ${top}V${bottom}H${WIDTH - 10}" fill="none" stroke="#888"/>`,
    `<polyline points="${points.join(' ')}" fill="none" stroke="#06c" stroke-width="1.5"/>`,
  ].join('\n');
}

const inMinutes = (seconds: number): string =>
  (seconds / 60).toLocaleString('en', { maximumFractionDigits: 1 });
