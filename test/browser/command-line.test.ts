import type { Browser } from 'playwright-core';
import { endCommandLines, runCommandLine, type CommandLine } from '../support/command-line.ts';
import { altering, dropping, honest, ofKind, replaying } from '../support/hostile-relay.ts';
import { startRelay, type RelayServer } from '../support/relay-server.ts';
import {
  createChat,
  joinChat,
  launchBrowser,
  lineSaying,
  newPerson,
  say,
  startServer,
  STORY_TIMEOUT,
  untilOpen,
  type Person,
  type RunningServer,
} from './support.ts';

jest.setTimeout(STORY_TIMEOUT);

let browser: Browser;
let server: RunningServer;
let relay: RelayServer;
let person: Person;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startServer()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

// Every conversation goes through a relay, which at first is honest.
beforeEach(async () => {
  relay = await startRelay(server.url);
  person = await newPerson(browser, relay.origin);
});

afterEach(async () => {
  await endCommandLines();
  await person.context.close();
  await relay.close();
});

const hears = (one: CommandLine, text: string) =>
  one.first('message', (message) => message.text === text);

/** The page creates, the command line joins. */
async function joinThePage() {
  const code = await createChat(person);
  const joiner = runCommandLine('join', '--json', '--server', relay.origin);
  joiner.write(code);
  const { words } = await joiner.first('secure');
  await untilOpen(person.page);
  return { joiner, words, code };
}

describe('a page and a command line', () => {
  test('talk when the page has created the chat, and see the same words', async () => {
    const { joiner, words, code } = await joinThePage();
    await person.page.locator('#security').click();
    const dialog = person.page.locator('#security-dialog');
    for (const word of words) await dialog.getByText(word).first().waitFor();
    await person.page.keyboard.press('Escape');
    await say(person.page, 'from the page');
    await hears(joiner, 'from the page');
    joiner.write('from the terminal');
    await lineSaying(person.page, 'from the terminal').waitFor();
    await joiner.first('delivered');
    expect(joiner.all('warning')).toEqual([]);
    expect(relay.recorded.join('\n')).not.toContain(code.replaceAll(' ', ''));
  });

  test('talk when the command line has created it, and the page sees it leave', async () => {
    const creator = runCommandLine('create', '--json', '--server', relay.origin);
    const { code } = await creator.first('invitation');
    await joinChat(person, code);
    await creator.first('secure');
    creator.write('from the terminal');
    await lineSaying(person.page, 'from the terminal').waitFor();
    await say(person.page, 'from the page');
    await hears(creator, 'from the page');
    await creator.first('delivered', ({ confirmed }) => confirmed);
    creator.end();
    await person.page.getByText('successfully closed by Talker').waitFor();
    expect(await creator.ended).toBe(0);
    expect(relay.recorded.join('\n')).not.toContain('from the');
  });

  test('notice on both sides what a server between them changes, drops and repeats', async () => {
    const { joiner } = await joinThePage();
    relay.meddler = altering(ofKind('m'), () => 300);
    await say(person.page, 'changed');
    await joiner.first('warning', ({ reason }) => reason === 'unreadable');
    relay.meddler = dropping(ofKind('m'));
    joiner.write('dropped');
    await joiner.first('delivered');
    relay.meddler = replaying(ofKind('m'), 3);
    joiner.write('repeated');
    await lineSaying(person.page, 'repeated').waitFor();
    relay.meddler = honest;
    joiner.write('the end');
    await lineSaying(person.page, 'the end').waitFor();
    await person.page.getByText('A message is missing here.').first().waitFor();
    expect(await lineSaying(person.page, 'repeated').count()).toBe(1);
    expect(await lineSaying(person.page, 'dropped').count()).toBe(0);
    expect(joiner.all('message')).toEqual([]);
  });
});
