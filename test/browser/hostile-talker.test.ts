import type { Page } from 'playwright-core';
import { line, lineSaying, STORY_TIMEOUT, untilOpen, usePeople } from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

const MARK = 'hacked()';

const TAGS = [
  'img',
  'svg',
  'iframe',
  'video',
  'object',
  'embed',
  'math',
  'body',
  'input',
  'details',
];
const EVENTS = ['onerror', 'onload', 'onclick', 'onmouseover', 'onfocus', 'ontoggle', 'onbegin'];
const WRAPPERS = [
  (inner: string) => inner,
  (inner: string) => `"><${inner.slice(1)}`,
  (inner: string) => `</span>${inner}`,
  (inner: string) => `<!--${inner}-->`,
];

const WHOLE = [
  `<script>${MARK}</script>`,
  `<ScRiPt>${MARK}</sCrIpT>`,
  `<a href="javascript:${MARK}">x</a>`,
  `javascript:${MARK}`,
  `https://example.org/"onmouseover="${MARK}`,
  `https://example.org/'><img src=x onerror=${MARK}>`,
  `data:text/html,<script>${MARK}</script>`,
  `{{constructor.constructor("${MARK}")()}}`,
  '${' + MARK + '}',
  `<style>@import "javascript:${MARK}"</style>`,
  `<base href="https://evil.example/">`,
  `<meta http-equiv=refresh content="0;url=javascript:${MARK}">`,
  `<form action="javascript:${MARK}"><button>x</button></form>`,
  `<template><script>${MARK}</script></template>`,
  `&lt;script&gt;${MARK}&lt;/script&gt;`,
  `<noscript><p title="</noscript><img src=x onerror=${MARK}>">`,
  `<svg><animate onbegin=${MARK} attributeName=x></svg>`,
  `<math><mtext><script>${MARK}</script></mtext></math>`,
  `\u202E<script>${MARK}</script>`,
  `<img src=x onerror=&#104;acked()>`,
];

const PAYLOADS = [
  ...WHOLE,
  ...TAGS.flatMap((tag) =>
    EVENTS.flatMap((event) =>
      WRAPPERS.map((wrap) => wrap(`<${tag} src=x href=x ${event}=${MARK} autofocus>`)),
    ),
  ),
];

/** Elements of the log that the page itself never makes, or makes otherwise. */
const foreignElements = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`
    [...document.querySelectorAll('#log *')]
      .filter(({ localName }) => !['div', 'p', 'span', 'time', 'a'].includes(localName))
      .map(({ outerHTML }) => outerHTML)
  `);

describe('a talker who sends what browsers might run', () => {
  const people = usePeople({ environment: { RATE_LIMITS: 'off' } });

  test('has none of 300 texts run, and none become an element', async () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(300);
    const { creator, joiner } = people;
    await creator.page.addInitScript(
      'window.executed = 0; window.hacked = () => { window.executed += 1; };',
    );
    await people.talk();
    // A poll that was given up may reach the server after the next one.
    for (const person of [creator, joiner]) person.expectErrors(/status of 409/);
    // Many at a time, as a paste of many lines would be.
    await joiner.page.evaluate(`
      for (const payload of ${JSON.stringify(PAYLOADS)}) {
        document.getElementById('message').value = payload;
        document.getElementById('message').dispatchEvent(new Event('input'));
        document.getElementById('composer').requestSubmit();
      }
    `);
    await lineSaying(joiner.page, PAYLOADS.at(-1)!).first().waitFor();
    const shown = creator.page.locator('.line-talker .text');
    await shown.nth(PAYLOADS.length - 1).waitFor({ timeout: 60_000 });
    expect(await shown.allTextContents()).toEqual(PAYLOADS);
    expect(await creator.page.evaluate('window.executed')).toBe(0);
    expect(await foreignElements(creator.page)).toEqual([]);
    const links = await creator.page.evaluate<string[]>(
      `[...document.querySelectorAll('#log a')].map((link) => link.href)`,
    );
    expect(links.filter((href) => !/^https:\/\/(example\.org|evil\.example)\//.test(href))).toEqual(
      [],
    );
    await creator.page.reload();
    await untilOpen(creator.page);
    await line(creator.page, /^Talker: /)
      .first()
      .waitFor();
    expect(await shown.count()).toBe(PAYLOADS.length);
    expect(await creator.page.evaluate('window.executed')).toBe(0);
    expect(await foreignElements(creator.page)).toEqual([]);
  });
});
