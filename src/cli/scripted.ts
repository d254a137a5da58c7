import type { Interface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { RefusedText, type SfChat } from '../client/index.ts';
import { cutLine } from './long-lines.ts';

/** A chat whose messages are the lines of standard input. */

/**
 * Who leaves waits until nothing has happened for so long: what the talker had already written still comes. The
 * protocol has no "I have nothing more to say".
 */
const QUIET_MS = 1_000;

export interface ScriptedOptions {
  chat: SfChat;
  lines: AsyncIterable<string>;
  /** A line is one message, and refused when it is too long. */
  exact: boolean;
  onRefused: (text: string, reason: string) => void;
  /** Milliseconds since something happened in the chat. */
  quietFor: () => number;
}

/**
 * Sends every line; then waits until all of it has arrived, and closes the chat. Without a single line somebody only
 * listens: then the chat goes on until it ends.
 */
export async function runScripted(options: ScriptedOptions): Promise<void> {
  const { chat } = options;
  let hasSpoken = false;
  for await (const line of options.lines) {
    if (chat.closed !== undefined) return;
    hasSpoken = sendLine(options, line) || hasSpoken;
  }
  if (!hasSpoken) return;
  await chat.delivered();
  while (chat.closed === undefined && options.quietFor() < QUIET_MS) {
    await setTimeout(QUIET_MS - options.quietFor());
    await chat.delivered();
  }
  await chat.close();
}

/** Answers whether there was something to send. */
function sendLine({ chat, exact, onRefused }: ScriptedOptions, line: string): boolean {
  const isBlankLine = line.trim() === '';
  if (isBlankLine && !exact) return false;
  for (const text of exact ? [line] : cutLine(line)) {
    try {
      chat.send(text);
    } catch (thrown) {
      if (!(thrown instanceof RefusedText)) throw thrown;
      onRefused(text, thrown.reason);
    }
  }
  return true;
}

/** The lines that an interface reads, from the moment of this call on: none of them gets lost until somebody asks. */
export function linesOf(input: Interface): AsyncIterableIterator<string> {
  return input[Symbol.asyncIterator]();
}
