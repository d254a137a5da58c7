import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, totalmem } from 'node:os';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { plot } from './plot.mjs';
import { describe } from './text.mjs';

export const directory = path.resolve(import.meta.dirname, '../../docs/performance');

/** The text of docs/performance, which is made of the figures and nothing else. */
export async function textOf(results) {
  const file = path.join(directory, 'README.md');
  return format(describe(results), { ...(await resolveConfig(file)), filepath: file });
}

/** Writes the figures, the text made of them, and the plot. */
export async function writeReport(measured) {
  const results = { machine: machine(), ...measured };
  mkdirSync(directory, { recursive: true });
  const figures = path.join(directory, 'results.json');
  writeFileSync(figures, await format(JSON.stringify(results), { parser: 'json' }));
  writeFileSync(path.join(directory, 'messages.svg'), plot(results));
  writeFileSync(path.join(directory, 'README.md'), await textOf(results));
}

function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cores: cpus().length,
    processor: cpus()[0]?.model ?? arch(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
