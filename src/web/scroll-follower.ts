// Closer to the end than this, the reader counts as being there.
const NEAR_END = 60;

/** Keeps the newest line in sight unless the reader has scrolled up. */
export interface ScrollFollower {
  /** Makes a change; afterwards the end is in sight if it was before. */
  keepAtEnd: (change: () => void) => void;
  scrollToEnd: () => void;
  /** Something new is at the end: shows it, or offers to. */
  announceNew: () => void;
}

/**
 * Follows the end of a scrolling element; the button leads there. What is `pinned` at the end, while
 * it is shown, is seen from its beginning.
 */
export function followEnd(
  scroller: HTMLElement,
  toEnd: HTMLButtonElement,
  pinned: HTMLElement,
): ScrollFollower {
  let atEnd = true;

  const scrollToEnd = (): void => {
    scroller.scrollTop = pinned.hidden ? scroller.scrollHeight : pinned.offsetTop;
    atEnd = true;
    toEnd.hidden = true;
  };

  const keepAtEnd = (change: () => void): void => {
    const follow = atEnd;
    change();
    if (follow) scrollToEnd();
  };

  scroller.addEventListener('scroll', () => {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
    if (atEnd) toEnd.hidden = true;
  });
  toEnd.addEventListener('click', () => {
    scrollToEnd();
    scroller.focus();
  });
  // The keyboard of a phone opens, a notice appears: the newest line stays in sight.
  const followResize = new ResizeObserver(() => {
    keepAtEnd(() => undefined);
  });
  followResize.observe(scroller);

  return {
    keepAtEnd,
    scrollToEnd,
    announceNew() {
      if (atEnd) scrollToEnd();
      else toEnd.hidden = false;
    },
  };
}
