import type { CDPSession, Page } from 'playwright-core';
import { createChat, STORY_TIMEOUT, usePeople } from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const CONTROLS = 'a, button, input, select, textarea, summary';

const PSEUDO_CLASSES = [
  [],
  ['hover'],
  ['focus', 'focus-visible'],
  ['hover', 'focus', 'active'],
] as const;

/** WCAG 2.2, 1.4.3 for text and 1.4.11 for the ring around what has the focus. */
const LEAST = { text: 4.5, ring: 3 };

/**
 * Runs in the page: what has too little contrast, from computed styles, whether it is shown or not. The formulas are
 * those of WCAG 2.2, "relative luminance" and "contrast ratio".
 */
const MEASURE = `(least) => {
  const parse = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\\d.]+/g).map(Number);
    return { channels: [red, green, blue], alpha };
  };
  const over = (top, bottom) =>
    top.channels.map((channel, index) => channel * top.alpha + bottom[index] * (1 - top.alpha));
  const ground = (element) => element === null
    ? [255, 255, 255]
    : over(parse(getComputedStyle(element).backgroundColor), ground(element.parentElement));
  const luminance = (channels) => {
    const [red, green, blue] = channels.map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (color, below) => {
    const [one, other] = [over(parse(color), below), below].map(luminance);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const name = (element) => element.id || element.className || element.tagName;
  const found = [];
  const check = (what, ratio, wanted) => {
    if (ratio < wanted) found.push(what + ' ' + ratio.toFixed(2));
  };
  let measured = 0;
  for (const element of document.querySelectorAll(${JSON.stringify(CONTROLS)})) {
    const style = getComputedStyle(element);
    measured += 1;
    check(name(element), contrast(style.color, ground(element)), least.text);
    const placeholder = getComputedStyle(element, '::placeholder').color;
    if (element.placeholder) check(name(element) + ' empty', contrast(placeholder, ground(element)), least.text);
    if (style.outlineStyle !== 'none') {
      check(name(element) + ' ring', contrast(style.outlineColor, ground(element.parentElement)), least.ring);
    }
  }
  return { measured, found };
}`;

/** Makes the browser take all controls for hovered, focused or pressed. */
async function force(session: CDPSession, forced: readonly string[]): Promise<void> {
  const { root } = await session.send('DOM.getDocument');
  const { nodeIds } = await session.send('DOM.querySelectorAll', {
    nodeId: root.nodeId,
    selector: CONTROLS,
  });
  await Promise.all(
    nodeIds.map((nodeId) =>
      session.send('CSS.forcePseudoState', { nodeId, forcedPseudoClasses: [...forced] }),
    ),
  );
}

/** All that has too little contrast on this page in any state, in the light and in the dark. */
async function findings(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('CSS.enable');
  const all: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const pseudoClasses of PSEUDO_CLASSES) {
      await force(session, pseudoClasses);
      const { measured, found } = await page.evaluate<{ measured: number; found: string[] }>(
        `(${MEASURE})(${JSON.stringify(LEAST)})`,
      );
      expect(measured).toBeGreaterThan(3);
      all.push(...found.map((what) => [colorScheme, ...pseudoClasses, what].join(' ')));
    }
  }
  await session.detach();
  return all;
}

const setAll = (page: Page, change: string): Promise<void> =>
  page.evaluate(`document.querySelectorAll(${JSON.stringify(CONTROLS)}).forEach(${change})`);

describe('every control has the contrast that WCAG AA asks for, hovered, focused and pressed', () => {
  const people = usePeople();

  test.each(['/', '/faq'])('on %s', async (path) => {
    const { page } = people.creator;
    await page.goto(path);
    expect(await findings(page)).toEqual([]);
  });

  test('in a chat, whatever the encryption says', async () => {
    const { page } = people.creator;
    await createChat(people.creator);
    for (const kind of ['unknown', 'encrypted', 'compared', 'plain', 'warning']) {
      await page.evaluate(`document.querySelector('#security').dataset.kind = '${kind}'`);
      expect([kind, await findings(page)]).toEqual([kind, []]);
    }
  });

  test('switched off, busy, or with something wrong', async () => {
    const { page } = people.creator;
    await createChat(people.creator);
    const changes = {
      disabled: '(control) => { control.disabled = true; }',
      busy: `(control) => { control.disabled = false; control.ariaDisabled = 'true'; control.ariaBusy = 'true'; }`,
      invalid: `(control) => { control.ariaDisabled = null; control.ariaInvalid = 'true'; }`,
    };
    for (const [name, change] of Object.entries(changes)) {
      await setAll(page, change);
      expect([name, await findings(page)]).toEqual([name, []]);
    }
  });
});
