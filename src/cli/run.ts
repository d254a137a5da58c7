import { createInterface, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { SfChat, type ChatEvent } from '../client/index.ts';
import { parseInvitation } from '../crypto/index.ts';
import { Interrupted, Mistake, type Command } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { describeRefused } from './failures.ts';
import { createJsonScreen } from './json-screen.ts';
import { createPlainScreen } from './plain-screen.ts';
import type { Screen } from './screen.ts';
import { linesOf, runScripted } from './scripted.ts';
import { createTerminalScreen, type TerminalScreen } from './terminal-screen.ts';
import { listenTo } from './typed.ts';

/** Standard streams; each may be a terminal or not. */
export interface Streams {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly error: WriteStream;
}

/** Signals that end the chat, and the exit codes that go with them. */
const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.terminated };

/** How the chat goes on after somebody was let in. */
interface Going {
  readonly chat: SfChat;
  readonly screen: Screen;
  exitCode: number;
  lastEventAt: number;
}

/** Runs one chat from the beginning to its end, and answers the exit code. */
export async function run(command: Command, streams: Streams): Promise<number> {
  const { input, output, error } = streams;
  const isTyped = input.isTTY && output.isTTY && !command.json;
  const reader = createInterface({ input, ...(isTyped && { output }) });
  const lines = isTyped ? undefined : linesOf(reader);
  try {
    const invitation =
      command.action === 'join' ? await askForCode(command, reader, lines, output) : '';
    const chat = await enter(command, invitation);
    return await goOn(chat, command, { ...streams, reader, lines });
  } catch (thrown) {
    const { message, exitCode } = describeRefused(thrown);
    error.write(`sfchat: ${message}\n`);
    return exitCode;
  } finally {
    reader.close();
    input.destroy();
  }
}

/** Neither in a list of processes nor in a history of commands: the code as it is typed, or the first line. */
async function askForCode(
  { invitation }: Command,
  reader: Interface,
  lines: AsyncIterator<string> | undefined,
  output: WriteStream,
): Promise<string> {
  if (invitation !== undefined) return invitation;
  if (lines) {
    const first = await lines.next();
    if (first.done === true)
      throw new Mistake('There is no code: give it, or write it to standard input');
    return first.value;
  }
  return ask('Invitation code or link: ', reader, output);
}

/** What a person answers. @throws when they do not want to */
function ask(question: string, reader: Interface, output: WriteStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: Error): void => {
      reader.off('SIGINT', onInterrupt).off('close', onEnd);
      output.write('\n');
      reject(reason);
    };
    const onInterrupt = (): void => {
      refuse(new Interrupted());
    };
    const onEnd = (): void => {
      refuse(new Mistake('There is no code'));
    };
    reader.once('SIGINT', onInterrupt).once('close', onEnd);
    reader.question(question, (answer) => {
      reader.off('SIGINT', onInterrupt).off('close', onEnd);
      resolve(answer);
    });
  });
}

function enter({ action, server, plain }: Command, invitation: string): Promise<SfChat> {
  const options = server === undefined ? {} : { server };
  if (action === 'create') return SfChat.create({ ...options, plain });
  if (plain && parseInvitation(invitation)?.kind === 'encrypted') {
    throw new Mistake('This is the code of an encrypted chat; join it without --plain');
  }
  return SfChat.join(invitation, options);
}

type Inside = Streams & { reader: Interface; lines: AsyncIterableIterator<string> | undefined };

async function goOn(chat: SfChat, command: Command, inside: Inside): Promise<number> {
  const { output, reader, lines } = inside;
  const { json, words } = command;
  const terminal =
    output.isTTY && !json
      ? createTerminalScreen({
          output,
          typing: lines ? undefined : reader,
          encrypted: chat.encrypted,
          now: () => new Date(),
        })
      : undefined;
  const screen = terminal ?? (json ? createJsonScreen(output) : createPlainScreen(output));
  const going: Going = { chat, screen, exitCode: EXIT.ok, lastEventAt: performance.now() };
  const stopListening = closeOnSignals(going);

  const note =
    terminal && !lines
      ? typed(going, terminal, reader, words)
      : scripted(going, lines ?? linesOf(reader), json);
  if (!chat.encrypted) screen.say('This chat is not encrypted: the server can read everything.');
  try {
    for await (const event of chat) {
      going.lastEventAt = performance.now();
      screen.show(event);
      note(event);
    }
  } finally {
    stopListening();
    screen.end();
  }
  return exitCodeOf(going);
}

async function exitCodeOf({ chat, exitCode }: Going): Promise<number> {
  if (exitCode !== EXIT.ok) return exitCode;
  return (await chat.delivered()) ? EXIT.ok : EXIT.undelivered;
}

type Note = (event: ChatEvent) => void;

function typed(going: Going, screen: TerminalScreen, typing: Interface, words: boolean): Note {
  const { chat } = going;
  const close = () => closeOrSay(going);
  const listener = listenTo({ chat, typing, screen, compareFirst: words, close });
  return (event) => {
    listener.note(event);
    if (isWithoutKeys(event)) screen.say('/keys tries once more, Ctrl+C ends the chat.');
    if (event.event === 'closed' && event.reason === 'no keys') going.exitCode = EXIT.noKeys;
  };
}

function scripted(going: Going, lines: AsyncIterable<string>, exact: boolean): Note {
  const { chat, screen } = going;
  const onRefused = (text: string, reason: string): void => {
    going.exitCode = EXIT.undelivered;
    screen.show({ event: 'refused', id: '', text, reason });
  };
  const quietFor = (): number => performance.now() - going.lastEventAt;
  runScripted({ chat, lines, exact, onRefused, quietFor }).catch(() => closeOrSay(going));
  return (event) => {
    const isOver = event.event === 'closed' && event.reason === 'no keys';
    if (isOver || isWithoutKeys(event)) going.exitCode = EXIT.noKeys;
    // Nobody is there who could try again, and the talker must not wait for a script that cannot go on.
    if (isWithoutKeys(event)) void closeOrSay(going);
  };
}

const isWithoutKeys = (event: ChatEvent): boolean =>
  event.event === 'warning' && event.reason === 'handshake failed' && event.final === true;

/** Closes the chat; when the server does not answer, that is said, and the process ends all the same. */
async function closeOrSay(going: Going): Promise<void> {
  try {
    await going.chat.close();
  } catch {
    going.exitCode = EXIT.unreachable;
    going.screen.say(
      'The server does not answer. The chat ends by itself a while after you have left.',
    );
    going.chat.leave();
  }
}

/** Whoever ends the process from outside ends the chat; a second time, the process at once. */
function closeOnSignals(going: Going): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    const handler = (): void => {
      if (going.exitCode === exitCode) process.exit(exitCode);
      going.exitCode = exitCode;
      void closeOrSay(going);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}
