// Closer to the end than this, the reader counts as being there.
const NEAR_END = 60;

/** Keeps the newest line in sight unless the reader has scrolled up. */
export interface ScrollFollower {
  /** Makes a change; afterwards the end is in sight if it was before. */
  keepAtEnd: (change: () => void) => void;
  /** Adds something new at the end: shows it, or offers to. */
  add: (change: () => void) => void;
  scrollToEnd: () => void;
}

/**
 * Follows the end of a scrolling element; the button leads there. What is `pinned` at the end, while
 * it is shown, is seen from its beginning.
 */
export function createScrollFollower(
  scroller: HTMLElement,
  toEnd: HTMLButtonElement,
  pinned: HTMLElement,
): ScrollFollower {
  // What it was when nothing moved: a resize moves first and tells afterwards.
  let wasAtEnd = true;

  const isAtEnd = (): boolean => {
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    return !pinned.hidden || below < NEAR_END;
  };

  const scrollToEnd = (): void => {
    scroller.scrollTop = pinned.hidden ? scroller.scrollHeight : pinned.offsetTop;
    wasAtEnd = true;
    toEnd.hidden = true;
  };

  const keepAtEnd = (change: () => void): boolean => {
    const follow = isAtEnd();
    change();
    if (follow) scrollToEnd();
    return follow;
  };

  scroller.addEventListener('scroll', () => {
    wasAtEnd = isAtEnd();
    if (wasAtEnd) toEnd.hidden = true;
  });
  toEnd.addEventListener('click', () => {
    scrollToEnd();
    scroller.focus();
  });
  // The keyboard of a phone opens, a notice appears: the newest line stays in sight.
  const followResize = new ResizeObserver(() => {
    if (wasAtEnd) scrollToEnd();
  });
  followResize.observe(scroller);

  return {
    keepAtEnd,
    scrollToEnd,
    add(change) {
      if (!keepAtEnd(change)) toEnd.hidden = false;
    },
  };
}
