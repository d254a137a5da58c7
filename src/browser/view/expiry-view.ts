import { formatMoment, t } from '../../messages/translate.ts';
import { byId, setText } from './elements.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** From here on seconds are shown, and it is said once. */
const SOON_MS = 10 * MINUTE_MS;

/** Closer together than this, two moments are one that was measured twice over a slow line. */
const SAME_MS = 5 * SECOND_MS;

/** The time that is left of a chat, as it counts down. */
export interface ExpiryView {
  /** `endsAt`: when the chat is removed whatever happens, in milliseconds since the epoch of this browser's clock. */
  set: (endsAt: number) => void;
  stop(): void;
}

/** Finds the line on the page. */
export function createExpiryView(now: () => number = Date.now): ExpiryView {
  const line = byId('expires', HTMLParagraphElement);
  const status = byId('expires-status', HTMLParagraphElement);
  let ticking: ReturnType<typeof setTimeout> | undefined;
  let end = NaN;

  const show = (): void => {
    const left = Math.max(0, end - now());
    setText(line, describeTimeLeft(left));
    line.dataset['soon'] = String(left <= SOON_MS);
    if (left <= SOON_MS) sayOnce(status, left);
    if (left > 0) ticking = setTimeout(show, untilChange(left));
  };

  const stop = (): void => {
    clearTimeout(ticking);
  };

  return {
    set(endsAt) {
      if (Number.isNaN(endsAt) || Math.abs(endsAt - end) < SAME_MS) return;
      end = endsAt;
      line.title = describeExpiry(endsAt);
      stop();
      show();
    },
    stop() {
      stop();
      setText(line, '');
      setText(status, '');
    },
  };
}

/** When the chat is removed whatever happens, in local time. */
const describeExpiry = (endsAt: number): string =>
  t('expiry.at', {
    when: formatMoment(endsAt, { weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  });

/** The line changes each minute, and each second at the end. */
const untilChange = (left: number): number => {
  const step = left > SOON_MS ? MINUTE_MS : SECOND_MS;
  return left % step || step;
};

const sayOnce = (status: HTMLElement, left: number): void => {
  if (status.textContent !== '') return;
  setText(status, t('expiry.soon', { count: Math.ceil(left / MINUTE_MS) }));
};

/** How long it is until the end; rounded down to minutes while there are more than ten. */
export function describeTimeLeft(leftMs: number): string {
  if (leftMs > SOON_MS) {
    const hours = Math.floor(leftMs / HOUR_MS);
    const minutes = Math.floor((leftMs % HOUR_MS) / MINUTE_MS);
    return hours > 0 ? t('expiry.hours', { hours, minutes }) : t('expiry.minutes', { minutes });
  }
  const seconds = Math.ceil(leftMs / SECOND_MS);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return t('expiry.clock', { clock });
}
