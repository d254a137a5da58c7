import type { Settings } from '../config/settings.ts';
import type { Timing } from './chat/chat.ts';

/** The durations that govern every chat, in milliseconds. */
export const timingOf = (settings: Settings): Timing => ({
  lifetime: settings.chatLifetime * 1000,
  closedGrace: settings.closedGrace * 1000,
  absenceCloseAfter: settings.absenceCloseAfter * 1000,
});
