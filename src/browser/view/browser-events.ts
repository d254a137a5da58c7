import { systemClock } from '../../chat/clock.ts';
import type { ChatRoom } from '../room/chat-room.ts';

// Hidden for longer than this (a phone in a pocket), connections may have died in silence.
const LONG_HIDDEN_MS = 10_000;

// A timer of half a second that was quiet for this long: everything stood still.
const TICK_MS = 500;
const ASLEEP_MS = 8_000;

type Followed = Pick<ChatRoom, 'recheck' | 'retryNow' | 'pause' | 'resume'>;

/** Lets a chat know what the browser does to its page and its connections. */
export function followBrowser(room: Followed): void {
  followNetwork(room);
  followVisibility(room);
  followSleep(room);
}

/** The browser's word on the network is a hint to check, never a verdict. */
function followNetwork(room: Followed): void {
  for (const event of ['online', 'offline']) {
    window.addEventListener(event, () => {
      room.recheck();
    });
  }
}

function followVisibility(room: Followed): void {
  let hiddenAt = systemClock.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hiddenAt = systemClock.now();
    else if (systemClock.now() - hiddenAt > LONG_HIDDEN_MS) room.recheck();
    else room.retryNow();
  });
  // A frozen page answers nobody: the talker must not take it for being here.
  document.addEventListener('freeze', room.pause);
  document.addEventListener('resume', room.resume);
}

/** A machine that slept has lost its connections, and no event tells. */
function followSleep(room: Followed): void {
  let tickedAt = systemClock.now();
  setInterval(() => {
    const now = systemClock.now();
    if (now - tickedAt > ASLEEP_MS && !document.hidden) room.recheck();
    tickedAt = now;
  }, TICK_MS);
}
