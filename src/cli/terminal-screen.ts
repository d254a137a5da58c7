import type { Interface } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { formatCode } from '../crypto/index.ts';
import type { ChatEvent } from '../client/index.ts';
import { qrCode } from './qr-code.ts';
import type { Screen } from './screen.ts';
import { describeClosed, describeRefusal, describeWarning } from './sentences.ts';
import { visible } from './visible.ts';

type Style = Parameters<typeof styleText>[0];

/** How it stands with the encryption; one of these is always before what a person types. */
type State =
  | 'waiting for Talker'
  | 'exchanging keys'
  | 'encrypted'
  | 'encrypted and compared'
  | 'warning'
  | 'NOT ENCRYPTED';

/** A terminal, where a person reads and types. */
export interface TerminalScreen extends Screen {
  /** The line that was typed goes, and what was said stands there. */
  showOwn(text: string): void;
  /** The person has said that the words match. */
  setCompared(): void;
  /** The words of the keys in use. */
  words(): readonly string[] | undefined;
  /** What stands before what is typed; undefined: how it stands with the encryption. */
  setPrompt(text: string | undefined): void;
}

export interface TerminalOptions {
  output: WriteStream;
  /** What a person types; undefined when standard input is no terminal. */
  typing: Interface | undefined;
  encrypted: boolean;
  now: () => Date;
}

const NEW_KEYS = 'New keys are in use: one of you had lost the old ones, or asked for new ones.';

const twoDigits = (value: number): string => String(value).padStart(2, '0');
const stamp = (at: Date): string =>
  `[${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')}]`;

/** Colours only where the terminal has some, and NO_COLOR is not set. */
const painter = (output: WriteStream) => {
  const hasColors = output.hasColors();
  return (style: Style, text: string): string =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;
};

/** Creates the screen of a terminal. */
// eslint-disable-next-line max-lines-per-function -- the parts of one small state
export function createTerminalScreen(options: TerminalOptions): TerminalScreen {
  const { output, typing, encrypted } = options;
  const paint = painter(output);
  const texts = new Map<string, string>();
  let words: readonly string[] | undefined;
  let isCompared = false;
  let isWarned = false;
  let isHere = false;
  let asked: string | undefined;
  let isTyping = typing !== undefined;
  typing?.once('close', () => (isTyping = false));

  const state = (): State => {
    if (!encrypted) return 'NOT ENCRYPTED';
    if (isWarned) return 'warning';
    if (words) return isCompared ? 'encrypted and compared' : 'encrypted';
    return isHere ? 'exchanging keys' : 'waiting for Talker';
  };

  const prompt = (): void => {
    // After Ctrl+D nothing can be typed any more, and some versions of Node throw.
    if (!typing || !isTyping) return;
    const now = state();
    const isCalm = now === 'encrypted' || now === 'encrypted and compared';
    const style = isCalm ? 'green' : now === 'warning' || !encrypted ? 'red' : 'dim';
    typing.setPrompt(asked === undefined ? `${paint(style, `(${now})`)} ` : `${asked} `);
    typing.prompt(true);
  };

  const write = (...lines: string[]): void => {
    // What is being typed makes room, and comes back below.
    if (typing) output.write('\r\u001b[J');
    output.write(lines.map((line) => `${line}\n`).join(''));
    prompt();
  };

  const person = (name: string, style: Style, text: string): string =>
    `${paint('dim', stamp(options.now()))} ${paint(style, `${name}:`)} ${visible(text)}`;

  const showInvitation = (code: string, link: string): void => {
    write(
      `Code  ${paint('bold', encrypted ? formatCode(code) : code)}`,
      `Link  ${paint('bold', link)}`,
      '',
      ...qrCode(link).map((line) => paint(['whiteBright', 'bgBlack'], line)),
      '',
      'Give one of these to the person you want to talk to. Whoever has it first joins;',
      'everybody after that is refused. They open the link, or run "sfchat join" and paste it there.',
    );
  };

  const show = (event: ChatEvent): void => {
    switch (event.event) {
      case 'invitation':
        showInvitation(event.code, event.link);
        return;
      case 'joined':
        isHere = true;
        write(
          encrypted
            ? 'Talker is here. Keys are being exchanged.'
            : paint('red', 'Talker is here. This chat is not encrypted: the server can read it.'),
        );
        return;
      case 'secure':
        ({ words } = event);
        isCompared = false;
        isWarned = false;
        write(
          event.again
            ? paint('yellow', NEW_KEYS)
            : paint('green', 'Messages are end-to-end encrypted from here on.'),
          `Words to compare aloud: ${paint('bold', event.words.join(' '))} ${paint('dim', '(/match, /differ)')}`,
        );
        return;
      case 'message':
        write(person('Talker', 'cyan', event.text));
        return;
      case 'sent':
        texts.set(event.id, event.text);
        return;
      case 'delivered': {
        const mark = event.confirmed
          ? '✓✓ confirmed by Talker'
          : '✓ delivered and erased, says the server';
        write(paint('dim', `   ${mark}: ${visible(texts.get(event.id) ?? '')}`));
        return;
      }
      case 'refused':
        write(
          paint(
            'red',
            `Not sent, ${visible(describeRefusal(event.reason))}: ${visible(event.text)}`,
          ),
        );
        return;
      case 'system':
        write(paint('dim', `*** ${visible(event.text)} ***`));
        return;
      case 'warning':
        isWarned = true;
        write(paint(['bold', 'red'], `Warning: ${describeWarning(event)}`));
        return;
      case 'connection':
        write(paint('yellow', event.connected ? 'The connection is back.' : lost(event.retryAt)));
        return;
      case 'closed':
        write(describeClosed(event.reason));
    }
  };

  return {
    show,
    say(text) {
      write(text);
    },
    showOwn(text) {
      // The line that was typed is still above the cursor.
      if (typing) output.write('\u001b[A');
      write(person('You', 'magenta', text));
    },
    setCompared() {
      isCompared = true;
      isWarned = false;
      write(paint('green', 'Compared: nobody sits between you.'));
    },
    words: () => words,
    setPrompt(text) {
      asked = text;
      prompt();
    },
    end() {
      if (typing) output.write('\r\u001b[J');
    },
  };
}

const lost = (retryAt: number | undefined): string => {
  const at = retryAt === undefined ? '' : ` Next try at ${stamp(new Date(retryAt)).slice(1, -1)}.`;
  return `Connection lost. What you write waits here.${at}`;
};
