import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ABSENCE_CLOSE_AFTER_S } from './conversation.ts';
import { killDuringCommit, killDuringSends, networkFaults, restart, type Fault } from './faults.ts';
import { sendAsPollsBegin } from './first-polls.ts';
import { freePort, Supervised, until, type Environment } from './processes.ts';
import type { Stage } from './stage.ts';
import { stopUnderHeldPolls } from './stopping.ts';
import { killDuringTermination } from './termination.ts';
import { killAfterAnswer } from './unread.ts';

/** A mode of the service, with all that can be broken in it. */
export interface Service {
  /** Where it answers, past the proxy. */
  readonly origin: string;
  readonly faults: readonly Fault[];
  /** What is tried beside the conversations, one after the other, in processes of its own. */
  readonly asides: readonly Fault[];
  /** What could not be had on this machine, in words. */
  readonly leftOut: readonly string[];
  /** Whether it answers as a healthy one does. */
  isHealthy(): Promise<boolean>;
  /** The last lines of its processes, for whoever looks for a cause. */
  log(): readonly string[];
  stop(): Promise<void>;
}

export const commonSettings: Environment = {
  GATEWAYS: 'nereid,gradagenda',
  LONG_POLLING_SLEEP: '2',
  // Held for twice as long as a message may take: one that was slept through is late.
  LONG_POLLING_ITERATION: '10',
  ABSENCE_CLOSE_AFTER: String(ABSENCE_CLOSE_AFTER_S),
  TERMINATION_SCHEDULE: '*/5 * * * * *',
};

/** Megabytes of a disk that can be filled. */
const SMALL_DISK_MB = 24;

/** Seconds by which a clock jumps. */
const JUMPS = [3600, -3600, 90, -600];

const FAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
].find(existsSync);

/** A clock that jumps, for the process that has this environment. */
interface FakeClock {
  readonly environment: Environment;
  readonly jump: (seconds: number) => void;
}

/** Wraps a clock around a server, by a file with its offset; `null` where that cannot be done. */
export function fakeClock(directory: string, name = 'clock'): FakeClock | null {
  if (FAKETIME === undefined) return null;
  const file = path.join(directory, name);
  const jump = (seconds: number) => {
    writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
  };
  jump(0);
  const environment = {
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    // What measures durations does not jump.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { environment, jump };
}

/** The clock of one process jumps, and that of no other. */
export function clockJumps(stage: Stage, clocks: readonly FakeClock[]): Fault {
  return {
    name: 'clock jumps',
    run: async () => {
      const clock = clocks[Math.floor(stage.random() * clocks.length)];
      const seconds = JUMPS[Math.floor(stage.random() * JUMPS.length)] ?? 0;
      clock?.jump(seconds);
      const before = stage.tally.accepted;
      await sleep(1500);
      await stage.accepted(before + 20);
      clock?.jump(0);
      await sleep(1200);
      return `by ${seconds} s and back`;
    },
  };
}

/** The service in one process, with its database file. */
export interface EmbeddedService extends Service {
  readonly dataDir: string;
}

export async function startEmbedded(stage: Stage): Promise<EmbeddedService> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sfchat-campaign-'));
  const disk = mountSmallDisk(path.join(directory, 'disk'));
  const clock = fakeClock(directory);
  const dataDir = path.join(directory, 'data');
  const web = new Supervised('src/server.js', await freePort(), {
    ...commonSettings,
    DATA_DIR: dataDir,
    ...clock?.environment,
  });
  const aside = new Supervised('src/server.js', await freePort(), {
    DATA_DIR: path.join(directory, 'aside'),
  });
  await web.start();
  stage.proxy.upstreams = [web.port];
  const kill = { stage, web, hasMemory: true, start: () => web.start() };
  return {
    origin: web.origin,
    dataDir,
    faults: [
      killDuringSends(kill),
      killDuringCommit(kill),
      restart(kill),
      ...networkFaults(stage),
      ...(disk === null ? [] : [diskFull({ stage, web, disk, dataDir })]),
      ...(clock === null ? [] : [clockJumps(stage, [clock])]),
    ],
    asides: [
      killDuringTermination({ stage, web: aside, chats: 3000 }),
      stopUnderHeldPolls({ stage, web: aside }),
      killAfterAnswer({ stage, web: aside }),
      sendAsPollsBegin({ stage, webs: [aside, aside] }),
    ],
    leftOut: [
      ...(disk === null ? ['a full disk: no small file system could be mounted (needs root)'] : []),
      ...(clock === null ? ['clock jumps: libfaketime is not installed'] : []),
    ],
    isHealthy: async () => (await web.status('/readyz')) === 200,
    log: () => web.lines,
    stop: async () => {
      await web.end('SIGTERM');
      if (disk !== null) execFileSync('umount', [disk]);
      rmSync(directory, { recursive: true });
    },
  };
}

/** A file system of its own, or `null` where this user may not mount one. */
function mountSmallDisk(at: string): string | null {
  try {
    execFileSync('mkdir', [at]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_MB}m`, 'tmpfs', at], {
      stdio: 'ignore',
    });
    return at;
  } catch {
    return null;
  }
}

interface DiskFullOptions {
  readonly stage: Stage;
  readonly web: Supervised;
  readonly disk: string;
  readonly dataDir: string;
}

/** The server moves to a small disk, which is filled until writes are refused, and back: what was accepted stays. */
function diskFull({ stage, web, disk, dataDir }: DiskFullOptions): Fault {
  const small = path.join(disk, 'data');
  const move = async (from: string, to: string) => {
    await web.end('SIGTERM');
    cpSync(from, to, { recursive: true });
    rmSync(from, { recursive: true });
    await web.start({ DATA_DIR: to });
  };
  const isReady = async () => (await web.status('/readyz')) === 200;
  return {
    name: 'disk full',
    run: async () => {
      await move(dataDir, small);
      const before = stage.tally.accepted;
      await stage.accepted(before + 10);
      const deadline = performance.now() + 10_000;
      // What the server frees while it tidies up is taken as well.
      while ((await isReady()) && performance.now() < deadline) fill(disk);
      const wasRefused = !(await isReady());
      await sleep(200);
      for (const name of readdirSync(disk)) {
        if (name.startsWith('filler')) rmSync(path.join(disk, name));
      }
      await until(isReady, 'the disk is noticed to be free');
      await stage.accepted(stage.tally.accepted + 10);
      await move(small, dataDir);
      return wasRefused ? 'writes were refused' : 'NOT PROVEN: no write was refused';
    },
  };
}

let fillers = 0;

/** Leaves no room, in large steps and then in small ones. */
function fill(disk: string): void {
  for (const kilobytes of [4096, 256, 16, 4]) {
    for (let isRoom = true; isRoom;) {
      fillers += 1;
      try {
        writeFileSync(path.join(disk, `filler-${fillers}`), Buffer.alloc(kilobytes * 1024));
      } catch {
        isRoom = false;
      }
    }
  }
}
