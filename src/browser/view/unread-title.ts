import { pageTitle } from '../room/words.ts';

/** Counts in the title what arrives while the page is hidden. */
export function createUnreadTitle(): { arrived(): void } {
  let unread = 0;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    unread = 0;
    document.title = pageTitle(unread);
  });
  return {
    arrived() {
      if (!document.hidden) return;
      unread += 1;
      document.title = pageTitle(unread);
    },
  };
}
