import { readFileSync } from 'node:fs';

/** Colours of the style sheet, by scheme. */
function palettes(): Record<'light' | 'dark', Map<string, string>> {
  const css = readFileSync('src/browser/view/style.css', 'utf8');
  const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body);
  const read = (body: string): Map<string, string> =>
    new Map(
      [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]),
    );
  return { light: read(light), dark: read(dark) };
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((from) => parseInt(colour.slice(from, from + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const texts = [
  ['text', 'ground'],
  ['text', 'surface'],
  ['text', 'tint'],
  ['muted', 'ground'],
  ['muted', 'surface'],
  ['accent', 'ground'],
  ['accent', 'surface'],
  ['accent-strong', 'ground'],
  ['talker', 'ground'],
  ['danger', 'ground'],
  ['danger', 'surface'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-danger', 'danger'],
  ['warn-text', 'warn-ground'],
] as const;

describe.each(['light', 'dark'] as const)('the %s scheme', (scheme) => {
  const colours = palettes()[scheme];

  test.each(texts)('has text in %s on %s that is readable (WCAG AA)', (front, back) => {
    expect(contrast(colours.get(front)!, colours.get(back)!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['ground', 'surface'])('has control borders that are visible on %s', (back) => {
    expect(contrast(colours.get('control-line')!, colours.get(back)!)).toBeGreaterThanOrEqual(3);
  });
});
