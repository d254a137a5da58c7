import { kinds } from '../support/servers.mjs';

/** docs/performance/README.md, made of the figures of one run. */
export function describe(results) {
  return [
    intro(results),
    targets(results),
    messages(results),
    profile(results),
    delivery(results),
    held(results),
    growth(results),
    million(results),
    howTo(results),
  ].join('\n\n');
}

const number = (value, digits = 0) =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const ranged = ({ median, least, most }, digits) =>
  `${number(median, digits)} (${number(least, digits)} to ${number(most, digits)})`;
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** `again`: what was not measured in that run, and why, in words; a whole run leaves none. */
const intro = ({ machine, arePinned, seconds, isQuick, again }) => `# Performance

This text, the plot and [results.json](results.json) are written by \`npm run bench -- all\` and by nobody else: one run of
${number(seconds / 60, 0)} minutes on ${machine.date}, Node.js ${machine.node}, ${machine.cores} cores of ${machine.processor}, ${machine.memoryGiB} GiB,
${arePinned ? 'the server on one core and the load on another' : 'server and load on the same cores'}. All servers take turns within the run; read the ratios, because
the rates are the machine's. Figures are medians of the rounds with the least and the most; a ratio is the median of
the rounds' ratios.${
  isQuick
    ? ' **A quick run** (`--quick`): fewer rounds, chats and polls than the full one, and more chance in every figure.'
    : ''
}${again ? `\n\n**Not all of one run.** ${again}` : ''}`;

const met = (value, limit, isLeast) =>
  (isLeast ? value >= limit : value <= limit) ? 'met' : 'missed';

function targets({ messages: rates, delivery: times, 'held-polls': polls, operations, start }) {
  const rows = [];
  const add = (what, value, limit, isLeast, digits = 2) => {
    if (value === undefined || Number.isNaN(value)) return;
    const wanted = `${isLeast ? '≥' : '≤'} ${limit}`;
    rows.push([what, number(value, digits), wanted, met(value, limit, isLeast)]);
  };
  const ratio = (one, other) => rates[one]?.perSecond.ratios[other]?.median;
  add('messages/s, on disk against bare node:http', ratio('disk', 'bare'), 0.5, true);
  add(
    'messages/s, in memory against Express 5, helmet, json',
    ratio('memory', 'express'),
    3.5,
    true,
  );
  add('messages/s, on disk against Socket.IO polling', ratio('disk', 'polling'), 1.1, true);
  add(
    'delivery p99 at 1,000 chats against bare node:http',
    times[1000]?.disk.p99.ratio.median,
    3,
    false,
  );
  for (const chats of [1, 1000])
    add(
      `delivery p50 at ${number(chats)} chats against bare node:http`,
      times[chats]?.disk.p50.ratio.median,
      2,
      false,
    );
  // Of fewer, the memory that a process takes anyhow hides what they need.
  if (polls.disk.polls >= 10_000)
    add(`KiB per held poll at ${number(polls.disk.polls)}`, polls.disk.kibEach, 12.5, false, 1);
  add(
    `distributed, KiB per held poll at ${number(polls.distributed?.polls ?? 0)}`,
    polls.distributed?.kibEach,
    20,
    false,
    1,
  );
  add(
    `distributed, database operations a second while ${number(polls.distributed?.polls ?? 0)} polls idle`,
    polls.distributed?.idleOperationsPerSecond,
    50,
    false,
    1,
  );
  add('MongoDB operations a message', operations.perMessage, 4, false);
  add(
    'distributed, CPU of the web process for a message against bare node:http',
    rates.distributed?.cpuMicroseconds.ratios.bare?.median,
    8,
    false,
    1,
  );
  add('start to ready with 1,000 chats, ms', start.readyMs.median, 600, false, 0);
  return `## Against the targets\n\n${table(['figure', 'measured', 'target', ''], rows)}`;
}

function messages({ messages: all }) {
  const rows = Object.entries(all).map(([name, { perSecond, cpuMicroseconds }]) => [
    kinds[name].label,
    ranged(perSecond),
    perSecond.ratios.bare ? number(perSecond.ratios.bare.median, 2) : '',
    number(cpuMicroseconds.median),
  ]);
  return `## Messages a second

64 chats, each: send, the talker's held poll answers, acknowledge at once, poll again; nobody ever waits for anything but the
server. A message counts once when it was received exactly once. On disk every one of them was in the file, flushed, before it was
answered. The others keep everything in memory and check nothing. ${warming(all)}

![Messages a second by server](messages.svg)

${table(['server', 'messages/s', 'of bare node:http', 'µs of CPU each'], rows)}

The limit of one process is the processor: a message is three requests, and what bare \`node:http\` needs for three requests
cannot be saved. What lies between it and SFChat is shown by part in the next section. The last row is the original's way, in
which a held request asks a database again every three seconds; its rate says how long people wait, not how much it can do.`;
}

/** What each had handled before it was measured, if the figures say so: those of an earlier run do not. */
function warming(all) {
  if (Object.values(all).some(({ warmedBy }) => warmedBy === undefined)) return '';
  const most = Math.max(...Object.values(all).map(({ warmedBy }) => warmedBy));
  const slower = Object.entries(all)
    .filter(([, { warmedBy }]) => warmedBy < most * 0.95)
    .map(([name, { warmedBy }]) => `${kinds[name].label} ${number(warmedBy)}`);
  const but = slower.length === 0 ? '' : `, or as many as it could in 20 s (${slower.join('; ')})`;
  return `Before it was measured each had handled ${number(most)} messages${but}.`;
}

function profile({ profile: all }) {
  const names = Object.keys(all);
  const parts = [...new Set(names.flatMap((name) => Object.keys(all[name].shares)))];
  const rows = parts.map((part) => [
    part,
    ...names.map((name) => `${number((all[name].shares[part] ?? 0) * 100, 1)} %`),
  ]);
  return `## One message, by part

Samples of the main thread under the load above, put together by what the code is for (\`npm run bench -- profile\`), the start
of the process included. On disk a second thread commits to the file; its time is in the table above and not here.

${table(['part', ...names.map((name) => kinds[name].label)], rows)}`;
}

function delivery({ delivery: all }) {
  const rows = Object.entries(all).flatMap(([load, servers]) =>
    Object.entries(servers).map(([name, { p50, p99 }]) => [
      load === 'original' ? '100' : number(Number(load)),
      kinds[name].label,
      number(p50.median, 2),
      number(p99.median, 2),
      p50.ratio ? `${number(p50.ratio.median, 2)} / ${number(p99.ratio.median, 2)}` : '',
    ]),
  );
  return `## Time to arrive

Open loop: messages leave at set times, 50 a second in one chat and 300 a second in more, whether or not earlier ones have arrived,
and the time counts from when a message should have left to the end of the talker's held poll. A talker may see a message
before it is on the disk; the sender's answer waits for that.

${table(['chats', 'server', 'p50 ms', 'p99 ms', 'p50 / p99 of bare node:http'], rows)}`;
}

function held({ 'held-polls': all }) {
  const rows = Object.entries(all).map(([name, figures]) => [
    kinds[name].label,
    number(figures.polls),
    number(figures.kibEach, 1),
    `${number(figures.idleCpuShare * 100, 1)} %`,
    number(figures.idleOperationsPerSecond, 1),
  ]);
  return `## Held polls

Resident memory, sockets included, without a forced collection. While nobody says anything, a poll does nothing.

${table(['server', 'polls', 'KiB each', 'of a core while idle', 'database operations/s'], rows)}`;
}

/** How the rate on disk compares with that of bare node:http by how many chats talk at once. */
const byChats = (cases) =>
  cases
    .map(({ count, servers }) => `${number(servers.disk.ratio.median, 2)} with ${count}`)
    .join(', ');

function growth({ chats, delivery: times, ...others }) {
  const { 'held-polls': polls, start, termination, operations, page } = others;
  const at = (chats) => times[chats]?.disk?.p50.median;
  const mongo =
    operations.perMessage === undefined
      ? ''
      : `\n- **Distributed**: ${number(operations.perMessage, 2)} MongoDB operations a message (${Object.entries(
          operations.commands,
        )
          .map(([name, count]) => `${name} ${number(count, 2)}`)
          .join(', ')}).`;
  return `## How cost grows

- **With chats**: not at all for one message, which looks at its chat alone: on disk p50 is ${[
    1, 100, 1000,
  ]
    .filter((chats) => at(chats) !== undefined)
    .map((chats) => `${number(at(chats), 2)} ms at ${number(chats)}`)
    .join(', ')}.
- **With chats that talk at once**: the more they are the more share a commit. On disk the rate is that of bare \`node:http\` times
  ${byChats(chats.filter(({ isInTurn }) => !isInTurn))} (\`npm run bench -- chats\`), and ${byChats(chats.filter(({ isInTurn }) => isInTurn))} whose talkers acknowledge only when the sender has the
  answer, so that each message waits for two commits. No talker knows of that answer, so the other figures here are of those who
  acknowledge at once.
- **With held polls**: ${number(polls.disk.kibEach, 1)} KiB each; a wake-up goes to one of them.
- **With the inbox**: an answer carries the whole inbox, at most 200 messages, so it grows with what is in it and ends there.
- **With the file**: it is read once, at the start: ${number(start.readyMs.median)} ms until ready with ${number(start.chats)} chats
  (${number(start.residentMiB.median)} MiB resident), ${number(termination.readySeconds, 1)} s with ${number(termination.chats)}, whose file is also converted
  from an older version. A commit appends to a log, whatever the size of the file.
- **Termination**: ${number(termination.expired)} lifetimes ended and ${number(termination.removed)} chats removed in ${number(termination.seconds, 1)} s,
  at most ${number(termination.peakMiB)} MiB resident meanwhile.${mongo}
- **The page**: a first visit of the home page is ${number(page['/'].bytes)} bytes in ${page['/'].files} files, of the chat
  ${number(page['/chat'].bytes)} in ${page['/chat'].files}.`;
}

function million({ 'held-polls': polls, messages: rates }) {
  const gib = (kib, count) => number((kib * count) / 2 ** 20, 1);
  const perSecond = rates.disk.perSecond.median;
  const needed = Math.ceil(50_000 / perSecond);
  const distributed = polls.distributed;
  return `## A million chats at once, on paper

A million chats are two million held polls. At ${number(polls.disk.kibEach, 1)} KiB each they take ${gib(polls.disk.kibEach, 2e6)} GiB in the processes, about as much again in the
kernel's socket buffers, and 2 KiB for each chat that waits (${gib(2, 1e6)} GiB). One process holds what its limit of open files allows; with
100,000 connections each that is 20 processes, which is more than the rate asks for: when each of two million people writes once in 40 s,
50,000 messages a second need ${needed} cores at the rate of this machine. The embedded mode is one process, so a million chats are for the distributed mode${
    distributed === undefined
      ? '.'
      : `, where a
poll takes ${number(distributed.kibEach, 1)} KiB (${gib(distributed.kibEach, 2e6)} GiB) and idle polls ask the database ${number(
          (distributed.idleOperationsPerSecond / distributed.polls) * 2e6,
        )} times a second in all at the rate measured above.`
  } What MongoDB must bear
are the messages: a few single-document operations each, all by the shard key \`_id\`. Redis must carry one wake-up for each.`;
}

const howTo = () => `## Measure it yourself

\`npm ci --ignore-scripts && npm ci --ignore-scripts --prefix bench && npm run bench -- all\`; see [bench/README.md](../../bench/README.md).
`;
