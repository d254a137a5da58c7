#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Mistake, readArguments, USAGE, type Command } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { run } from './run.ts';

/** Entry of the command line. */

// A code among the arguments stays out of lists of processes from here on.
process.title = 'sfchat';

const { stdin, stdout, stderr } = process;

function version(): string {
  const about = createRequire(import.meta.url)('../../../package.json') as { version: string };
  return about.version;
}

function understood(): Command | undefined {
  try {
    const asked = readArguments(process.argv.slice(2));
    if (typeof asked === 'object') return asked;
    stdout.write(asked === 'help' ? USAGE : `${version()}\n`);
    process.exitCode = EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof Mistake)) throw thrown;
    stderr.write(`sfchat: ${thrown.message}\n\n${USAGE}`);
    process.exitCode = EXIT.usage;
  }
  return undefined;
}

// Whoever reads what is written here may stop reading: that is no error.
stdout.on('error', () => {
  process.exit(EXIT.ok);
});

const command = understood();
if (command) process.exitCode = await run(command, { input: stdin, output: stdout, error: stderr });
