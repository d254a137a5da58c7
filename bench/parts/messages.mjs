// Messages a second when nobody ever waits for anything but the server: so many chats, each sends a message,
// the talker's held poll answers, the talker acknowledges and polls again. A message counts once when it was
// received exactly once. Each server is warmed by as many messages as every other, so that the fast ones have no head
// start; then all in turn, several rounds in one run; the ratios are those of a round.
import { openChats, talk, warmUp } from '../support/saturation.mjs';
import { ratiosOf, summary } from '../support/figures.mjs';
import { cpuSeconds, kinds, possible, startServer } from '../support/servers.mjs';

export const about = 'messages a second at saturation, and processor time of the server for each';

/** What each is compared with. */
const compared = ['bare', 'express', 'polling'];

/** Many short rounds: a machine that is shared changes its speed within seconds, and those of a round are compared. */
const ROUNDS = 15;
const ROUND_MS = 1000;

export async function run({ isQuick, only }) {
  const rounds = isQuick ? 2 : ROUNDS;
  const names = possible(only ?? Object.keys(kinds));
  const [measured, warmed] = [{}, {}];
  const places = [];
  try {
    for (const name of names) {
      const server = await startServer(name);
      const place = { server, chats: await openChats(server) };
      places.push(place);
      warmed[name] = await warmUp(place.chats);
      measured[name] = [];
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, chats } of places)
        measured[server.name].push(await measure(server, chats, ROUND_MS));
    }
  } finally {
    for (const { server, chats } of places) {
      for (const { sender, receiver } of chats) [sender, receiver].forEach((one) => one.close());
      await server.stop();
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, { warmedBy: warmed[name], ...figuresOf(name, measured) }]),
  );
}

async function measure({ pid }, chats, milliseconds) {
  const [cpu, begun] = [cpuSeconds(pid), performance.now()];
  const messages = await talk(chats, milliseconds);
  const seconds = (performance.now() - begun) / 1000;
  return {
    perSecond: messages / seconds,
    cpuMicroseconds: ((cpuSeconds(pid) - cpu) * 1e6) / messages,
  };
}

function figuresOf(name, measured) {
  const figures = (key) => {
    const valuesOf = (server) => measured[server].map((round) => round[key]);
    const values = valuesOf(name);
    const ratios = compared
      .filter((other) => measured[other] !== undefined)
      .map((other) => [other, ratiosOf(values, valuesOf(other))]);
    return { ...summary(values), ratios: Object.fromEntries(ratios) };
  };
  return { perSecond: figures('perSecond'), cpuMicroseconds: figures('cpuMicroseconds') };
}

export function print(result) {
  const lines = Object.entries(result).map(([name, { perSecond, cpuMicroseconds }]) => {
    const { median, least, most, ratios } = perSecond;
    return (
      `${kinds[name].label.padEnd(24)}${median.toFixed(0).padStart(7)} ` +
      `(${least.toFixed(0)} to ${most.toFixed(0)})`.padEnd(18) +
      (ratios.bare ? `${ratios.bare.median.toFixed(2).padStart(6)} of bare node:http` : '') +
      `${cpuMicroseconds.median.toFixed(0).padStart(8)} µs of CPU each`
    );
  });
  return `messages a second\n${lines.join('\n')}\n`;
}
