import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { createTerminalScreen } from '../../src/cli/terminal-screen.ts';
import { listenTo, type TypedOptions } from '../../src/cli/typed.ts';
import type { ChatEvent } from '../../src/client/index.ts';
import { eventually } from '../support/eventually.ts';

const KEY = { ctrlC: '\u0003', ctrlD: '\u0004' };
const WORDS = ['one', 'two', 'three', 'four'] as const;

/** A terminal without colours, in which somebody types; the chat only notes what it is asked for. */
function openTerminal({ encrypted = true, compareFirst = false, delivered = true } = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const sent: string[] = [];
  let [shown, closes, exchanges] = ['', 0, 0];
  output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const typing = createInterface({ input, output, terminal: true });
  const screen = createTerminalScreen({
    output: Object.assign(output, { hasColors: () => false }) as unknown as WriteStream,
    typing,
    encrypted,
    now: () => new Date(0),
  });
  const chat: TypedOptions['chat'] = {
    encrypted,
    closed: undefined,
    send: (text) => String(sent.push(text)),
    exchangeAnew: () => Promise.resolve((exchanges += 1) < 5),
    delivered: () => (delivered ? Promise.resolve(true) : new Promise(() => undefined)),
  };
  const close = (): Promise<void> => Promise.resolve(void (closes += 1));
  const listener = listenTo({ chat, typing, screen, compareFirst, close });
  const happen = (event: ChatEvent): void => {
    screen.show(event);
    listener.note(event);
  };
  return {
    sent,
    closes: () => closes,
    exchanges: () => exchanges,
    press: (key: string) => input.write(key),
    happen,
    secure: () => {
      happen({ event: 'joined' });
      happen({ event: 'secure', words: [...WORDS] });
    },
    type: (...lines: string[]) => {
      for (const line of lines) input.write(`${line}\r`);
    },
    shows: (text: string) => eventually(() => shown.includes(text), `${text}, in ${shown}`),
    all: () => shown,
  };
}

describe('a terminal', () => {
  test('sends what is typed, and never a command', async () => {
    const terminal = openTerminal();
    terminal.secure();
    terminal.type('Hi', '/help', '/words', '/keys');
    await terminal.shows('Ctrl+D closes the chat');
    await terminal.shows('Keys are being exchanged');
    expect(terminal.all()).toContain('\u001b[Jone two three four');
    expect(terminal.sent).toEqual(['Hi']);
  });

  test('exchanges keys when asked to, as often as there may be', async () => {
    const terminal = openTerminal();
    terminal.secure();
    terminal.type('/keys');
    await terminal.shows('Keys are being exchanged once more.');
    terminal.type('/keys', '/keys', '/keys', '/keys');
    await terminal.shows('Five times were all there may be.');
    terminal.happen({ event: 'secure', words: [...WORDS], again: true });
    await terminal.shows('or asked for new ones');
    expect(terminal.exchanges()).toBe(5);
  });

  test('begins no exchange without somebody to exchange with', async () => {
    const terminal = openTerminal();
    terminal.type('/keys', '/words', '/match');
    await terminal.shows('Keys are exchanged as soon as Talker is here.');
    await terminal.shows('There are no keys yet');
    expect(terminal.exchanges()).toBe(0);
  });

  test('promises no keys and no words where nothing is encrypted', async () => {
    const terminal = openTerminal({ encrypted: false });
    terminal.happen({ event: 'joined' });
    terminal.type('/keys', '/words');
    await terminal.shows('not encrypted, so there are no keys');
    await terminal.shows('not encrypted, so there are no words');
    expect(terminal.exchanges()).toBe(0);
  });

  test('closes the chat when the words differ, after one question', async () => {
    const terminal = openTerminal();
    terminal.secure();
    terminal.type('/differ', 'perhaps');
    await terminal.shows('Please answer y or n.');
    expect(terminal.closes()).toBe(0);
    terminal.type('y');
    await eventually(() => terminal.closes() === 1, 'the chat is closed');
    expect(terminal.sent).toEqual([]);
  });

  test('holds back what is typed until the words were compared, where that was asked for', async () => {
    const terminal = openTerminal({ compareFirst: true });
    terminal.type('early');
    await terminal.shows('You: early');
    terminal.secure();
    expect(terminal.sent).toEqual([]);
    terminal.type('y');
    await terminal.shows('(encrypted and compared)');
    await eventually(() => terminal.sent.length > 0, 'it is sent');
    expect(terminal.sent).toEqual(['early']);
  });

  test('asks at Ctrl+C, and takes a second one for yes', async () => {
    const terminal = openTerminal();
    terminal.press(KEY.ctrlC);
    await terminal.shows('Close this chat for both of you? (y/n)');
    expect(terminal.closes()).toBe(0);
    terminal.press(KEY.ctrlC);
    await eventually(() => terminal.closes() > 0, 'the chat is closed');
    expect(terminal.all()).not.toContain('Please answer');
  });

  test('closes at Ctrl+D when everything is delivered', async () => {
    const terminal = openTerminal();
    terminal.press(KEY.ctrlD);
    await eventually(() => terminal.closes() > 0, 'the chat is closed');
    expect(terminal.all()).not.toContain('(y/n)');
  });

  test('says at Ctrl+D what it waits for, and asks for nothing any more', async () => {
    const terminal = openTerminal({ delivered: false });
    terminal.press(KEY.ctrlD);
    await terminal.shows('The chat is closed when everything is delivered.');
    const before = terminal.all().length;
    terminal.happen({ event: 'message', id: '1.1', text: 'Hi' });
    await terminal.shows('Talker: Hi');
    expect(terminal.all().slice(before)).toMatch(/Talker: Hi\n$/);
    expect(terminal.closes()).toBe(0);
  });
});
