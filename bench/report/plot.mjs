import { kinds } from '../support/servers.mjs';

const WIDTH = 760;
const ROW = 34;
const LEFT = 190;
const RIGHT = 110;

/** Messages a second of each server as bars, with a line from the least round to the most; readable in the dark, too. */
export function plot({ messages }) {
  const rows = Object.entries(messages).filter(([name]) => name !== 'original');
  const most = Math.max(...rows.map(([, { perSecond }]) => perSecond.most));
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const bars = rows.map(([name, { perSecond }], index) => bar(name, perSecond, index, scale));
  const height = rows.length * ROW + 44;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Messages a second by server">
<style>text{font:13px system-ui,sans-serif;fill:#1b1b1b}.ours{fill:#1a7f5a}.other{fill:#8a93a0}line{stroke:#1b1b1b}
@media (prefers-color-scheme:dark){text{fill:#eee}line{stroke:#eee}.ours{fill:#3fb98a}.other{fill:#6d7684}}</style>
<text x="${LEFT}" y="20">messages a second, median and range of the rounds</text>
${bars.join('\n')}
</svg>
`;
}

function bar(name, { median, least, most }, index, scale) {
  const y = 36 + index * ROW;
  const middle = y + 10;
  const style = kinds[name].label.startsWith('SFChat') ? 'ours' : 'other';
  const at = (value) => (LEFT + value * scale).toFixed(1);
  return (
    `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${kinds[name].label}</text>` +
    `<rect class="${style}" x="${LEFT}" y="${y}" width="${(median * scale).toFixed(1)}" height="20" rx="2"/>` +
    `<line x1="${at(least)}" x2="${at(most)}" y1="${middle}" y2="${middle}"/>` +
    `<text x="${Number(at(Math.max(median, most))) + 6}" y="${middle + 4}">${Math.round(median)}</text>`
  );
}
