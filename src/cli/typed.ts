import type { Interface } from 'node:readline';
import { RefusedText, type ChatEvent, type SfChat } from '../client/index.ts';
import { cutLine } from './long-lines.ts';
import { describeRefusal } from './sentences.ts';
import type { TerminalScreen } from './terminal-screen.ts';

/** A chat with a person who types. */

export interface TypedOptions {
  chat: Pick<SfChat, 'encrypted' | 'closed' | 'send' | 'exchangeAnew' | 'delivered'>;
  typing: Interface;
  screen: TerminalScreen;
  /** Nothing is sent before the person has said that the words match. */
  compareFirst: boolean;
  /** Closes the chat; answers when it is closed, or when the server did not answer. */
  close: () => Promise<void>;
}

/** What a person types, as it goes on. */
export interface Typed {
  /** To be told of everything that happens, after it was shown. */
  note(event: ChatEvent): void;
}

const HELP = `Type a message and press Enter. These lines are commands:
/words   the words to compare aloud    /match    they match    /differ   they differ
/keys    exchange keys once more       /close    close the chat (or Ctrl+C)
Ctrl+D closes the chat when everything is delivered.`;

const CLOSE = 'Close this chat for both of you? (y/n)';
const LEAVING = 'The chat is closed when everything is delivered. Ctrl+C closes it at once.';
const COMPARE = 'Do both of you see the same four words? (y/n)';

/** Listens to a person until the chat is over. */
// eslint-disable-next-line max-lines-per-function -- the commands of one small state
export function listenTo(options: TypedOptions): Typed {
  const { chat, typing, screen } = options;
  let onAnswer: ((yes: boolean) => void) | undefined;
  let held: string[] = [];
  let mustCompare = options.compareFirst && chat.encrypted;
  let isTalkerHere = false;

  const ask = (text: string, then: (yes: boolean) => void): void => {
    onAnswer = then;
    screen.setPrompt(text);
  };

  const answer = (line: string): void => {
    const isYes = /^\s*y(es)?\s*$/i.test(line);
    if (!isYes && !/^\s*no?\s*$/i.test(line)) {
      screen.say('Please answer y or n.');
      return;
    }
    const then = onAnswer;
    onAnswer = undefined;
    screen.setPrompt(undefined);
    then?.(isYes);
  };

  const askToClose = (): void => {
    ask(CLOSE, (yes) => {
      if (yes) void options.close();
      else askAgain();
    });
  };

  const setCompared = (): void => {
    mustCompare = false;
    screen.setCompared();
    const texts = held;
    held = [];
    texts.forEach(send);
  };

  /** A question that was put off by another one. */
  const askAgain = (): void => {
    if (!mustCompare || !screen.words()) return;
    ask(COMPARE, (yes) => {
      if (yes) setCompared();
      else differ();
    });
  };

  const differ = (): void => {
    screen.say(
      'Then somebody may sit between you and read everything. Say nothing here that is private.',
    );
    askToClose();
  };

  const send = (text: string): void => {
    if (mustCompare) {
      held.push(text);
      return;
    }
    try {
      chat.send(text);
    } catch (thrown) {
      if (!(thrown instanceof RefusedText)) throw thrown;
      screen.say(`Not sent: ${describeRefusal(thrown.reason)}.`);
    }
  };

  const noWords = (): string =>
    chat.encrypted
      ? 'There are no keys yet, so there are no words.'
      : 'This chat is not encrypted, so there are no words.';

  const exchangeAnew = async (): Promise<string> => {
    if (!chat.encrypted) return 'This chat is not encrypted, so there are no keys.';
    if (!isTalkerHere) return 'Keys are exchanged as soon as Talker is here.';
    const hasBegun = await chat.exchangeAnew();
    return hasBegun ? 'Keys are being exchanged once more.' : 'Five times were all there may be.';
  };

  const commands: Readonly<Record<string, () => void>> = {
    '/help': () => {
      screen.say(HELP);
    },
    '/words': () => {
      screen.say(screen.words()?.join(' ') ?? noWords());
    },
    '/match': () => {
      if (screen.words()) setCompared();
      else screen.say(noWords());
    },
    '/differ': differ,
    '/keys': () => {
      void exchangeAnew().then((said) => {
        screen.say(said);
      });
    },
    '/close': askToClose,
  };

  typing.on('line', (line) => {
    const command = commands[line.trim()];
    if (onAnswer) answer(line);
    else if (command) command();
    else if (line.trim() === '') screen.setPrompt(undefined);
    else {
      screen.showOwn(line);
      cutLine(line).forEach(send);
    }
  });
  typing.on('SIGINT', () => {
    // Whoever presses it again means it.
    if (onAnswer) void options.close();
    else askToClose();
  });
  typing.on('close', () => {
    if (chat.closed !== undefined) return;
    screen.say(LEAVING);
    void chat.delivered().then(options.close);
  });

  return {
    note(event) {
      if (event.event === 'joined') isTalkerHere = true;
      if (event.event !== 'secure') return;
      mustCompare = options.compareFirst;
      askAgain();
    },
  };
}
