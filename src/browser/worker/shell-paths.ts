const PAGES: readonly string[] = ['/', '/chat', '/faq', '/privacy', '/license'];

/** Whether a path is a page that may be kept. */
export const isPage = (path: string): boolean => PAGES.includes(path);

/** Whether a path belongs to the page itself: pages, what they load, and pictures. All else is never kept. */
export const isShell = (path: string): boolean =>
  isPage(path) || /^\/assets\/[\w.-]+$|^\/(?:favicon|icon-\w+)\.(?:svg|png|ico)$/.test(path);
