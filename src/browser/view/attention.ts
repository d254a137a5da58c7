import type { Preferences } from '../session/preferences.ts';
import { createChime } from './chime.ts';
import { createNotifier } from './notifier.ts';

/** What somebody who looks elsewhere should know of. */
export type Occasion = 'joined' | 'message' | 'closed';

/** Calls somebody back who looks elsewhere: by title, icon, sound and, if wanted, a notification. */
export interface Attention {
  /** Something happened; `count` messages, if it was messages. Does nothing while the page is looked at. */
  call(occasion: Occasion, count?: number): void;
}

export interface AttentionOptions {
  readonly preferences: () => Preferences;
  readonly texts: AttentionTexts;
}

/** No text of the conversation is ever in one of these. */
export interface AttentionTexts {
  readonly title: (occasion: Occasion | undefined, unread: number) => string;
  readonly notification: (occasion: Occasion) => string;
}

const MARKED_ICON = '/favicon-unread.svg';

/** Watches whether the page is looked at. */
export function createAttention({ preferences, texts }: AttentionOptions): Attention {
  const chime = createChime();
  const notifier = createNotifier(MARKED_ICON);
  const icons = [...document.querySelectorAll<HTMLLinkElement>('link[rel="icon"]')];
  const calm = icons.map(({ href }) => href);
  let unread = 0;

  const setIcons = (marked: boolean): void => {
    icons.forEach((icon, index) => {
      icon.href = marked ? MARKED_ICON : (calm[index] ?? icon.href);
    });
  };

  const calmDown = (): void => {
    if (document.hidden) return;
    unread = 0;
    document.title = texts.title(undefined, 0);
    setIcons(false);
    notifier.withdraw();
  };

  document.addEventListener('visibilitychange', calmDown);
  // Nobody can be led back to a page that is gone.
  window.addEventListener('pagehide', notifier.withdraw);

  return {
    call(occasion, count = 0) {
      if (!document.hidden) return;
      unread += count;
      document.title = texts.title(occasion, unread);
      setIcons(true);
      const { sound, notifications } = preferences();
      if (sound) chime.play();
      if (notifications) notifier.notify(texts.notification(occasion));
    },
  };
}
