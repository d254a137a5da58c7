import type { ChatState } from '../../client/api/answers.ts';

/** What the head of the chat says about the talker. */
export type Talker =
  | { readonly kind: 'invited' | 'unknown' | 'here' | 'typing' }
  | {
      readonly kind: 'away';
      /** By this browser's clock, in milliseconds; undefined when the server has not seen them. */
      readonly since?: number;
      /** Until when the chat waits for them; undefined when it waits to its end. */
      readonly until?: number;
    };

/** Since when a talker is away and how long the chat waits, moved to the clock of this browser. */
export function awayOf(state: ChatState, now: number): Talker {
  const { talker, answeredAt, absenceCloseAfter, expires } = state;
  const seen = Date.parse(talker.lastSeen ?? '');
  if (Number.isNaN(seen)) return { kind: 'away' };
  const closes = seen + absenceCloseAfter * 1_000;
  const isForesaid = absenceCloseAfter > 0 && !(closes >= Date.parse(expires));
  const ahead = now - answeredAt;
  // The server's clock is told in whole seconds, and times are shown in minutes.
  const offset = Math.abs(ahead) < 30_000 ? 0 : ahead;
  return { kind: 'away', since: seen + offset, ...(isForesaid && { until: closes + offset }) };
}

/** Whether they are in the chat right now. */
export const isHere = ({ kind }: Talker): boolean => kind === 'here' || kind === 'typing';
