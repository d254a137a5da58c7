import { parseArgs } from 'node:util';
import { DEFAULT_SERVER } from '../client/index.ts';

/** What the command line is asked to do. */
export interface Command {
  readonly action: 'create' | 'join';
  /** A code or a link; without one, `join` asks for it. */
  readonly invitation: string | undefined;
  readonly server: string | undefined;
  readonly plain: boolean;
  readonly json: boolean;
  /** In a terminal: nothing is sent before the words were compared. */
  readonly words: boolean;
}

/** The arguments make no sense; the message says why. */
export class Mistake extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Mistake';
  }
}

/** Somebody has changed their mind before there was a chat. */
export class Interrupted extends Error {
  constructor() {
    super('Nothing was joined');
    this.name = 'Interrupted';
  }
}

export const USAGE = `sfchat: two people talk, end-to-end encrypted, and nothing is left behind

  sfchat create               opens a chat; shows the code, link and QR code to hand over
  sfchat join [CODE | LINK]   joins it; without a code it is asked for, or read from the
                              first line of standard input, so that no list of processes
                              and no history of commands has it

  --server URL   where the server is (of the link, or ${DEFAULT_SERVER})
  --plain        a chat without encryption; the server can read it
  --words        in a terminal: send nothing before both have compared the four words
  --json         one event a line; a line of standard input is a message
  --help, --version

Piped, standard output has one plain line for each event. A line of standard input is a
message; at its end sfchat waits until everything is delivered, closes the chat and leaves.
Exit codes: 0 all well, 2 usage, 3 not let in, 4 no answer, 5 not everything was delivered,
6 no keys, 130 and 143 interrupted. More: docs/client.md
`;

const OPTIONS = {
  server: { type: 'string' },
  plain: { type: 'boolean', default: false },
  words: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The message repeats an argument, and that could be a code: only its first line, which names options.
    throw new Mistake(error instanceof Error ? (error.message.split('.')[0] ?? '') : 'What?');
  }
}

/**
 * Reads the arguments.
 *
 * @throws {Mistake}
 */
export function readArguments(args: readonly string[]): Command | 'help' | 'version' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const [action, ...rest] = positionals;
  if (action !== 'create' && action !== 'join') {
    // It may be a code in the wrong place, so it is not repeated.
    throw new Mistake('Say create or join');
  }
  if (action === 'create' && rest.length > 0) throw new Mistake('create takes no code');
  const { server, plain, words, json } = values;
  // Codes are shown in groups of four, and pasted like that.
  const invitation = rest.length === 0 ? undefined : rest.join(' ');
  return { action, invitation, server, plain, words, json };
}
