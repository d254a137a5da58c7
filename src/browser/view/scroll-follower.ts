// Closer to the end than this, the reader counts as being there.
const NEAR_END = 60;

/** Keeps the newest line in sight unless the reader has scrolled up. */
export interface ScrollFollower {
  /** Something new stands at the end: it comes into sight by itself, or the button offers it. */
  added(): void;
  scrollToEnd: () => void;
  /** What came while nobody looked is seen from its beginning. */
  holdAt: (element: HTMLElement) => void;
}

export interface ScrollFollowerOptions {
  readonly scroller: HTMLElement;
  /** What grows in it. */
  readonly contents: readonly HTMLElement[];
  /** Leads to the end. */
  readonly toEnd: HTMLButtonElement;
  /** What stands at the end while it is shown, and is seen from its beginning. */
  readonly pinned: HTMLElement;
  /** Where the focus belongs after a jump. */
  readonly field: HTMLElement;
}

/**
 * Follows the end of a scrolling element. Nothing is measured when a line is added: the browser tells once
 * per frame that the contents have grown, however many lines that were.
 */
export function createScrollFollower(options: ScrollFollowerOptions): ScrollFollower {
  const { scroller, contents, toEnd, pinned, field } = options;
  let follows = true;

  const isAtEnd = (): boolean => {
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    return !pinned.hidden || below < NEAR_END;
  };

  const showEnd = (): void => {
    scroller.scrollTop = pinned.hidden ? scroller.scrollHeight : pinned.offsetTop;
  };

  const scrollToEnd = (): void => {
    follows = true;
    toEnd.hidden = true;
    showEnd();
  };

  scroller.addEventListener(
    'scroll',
    () => {
      follows = isAtEnd();
      if (follows) toEnd.hidden = true;
    },
    { passive: true },
  );
  // The button does not take the focus from the field, so that a phone keeps its keyboard.
  toEnd.addEventListener('pointerdown', (event) => {
    event.preventDefault();
  });
  toEnd.addEventListener('mousedown', (event) => {
    event.preventDefault();
  });
  toEnd.addEventListener('click', () => {
    if (document.activeElement === toEnd) field.focus({ preventScroll: true });
    scrollToEnd();
  });
  // Lines are added, the keyboard of a phone opens, a notice appears: the newest line stays in sight.
  const watch = new ResizeObserver(() => {
    if (follows) showEnd();
  });
  for (const element of [scroller, ...contents]) watch.observe(element);

  return {
    scrollToEnd,
    added() {
      if (!follows) toEnd.hidden = false;
    },
    holdAt(element) {
      follows = false;
      scroller.scrollTop = element.offsetTop - scroller.offsetTop;
      follows = isAtEnd();
      toEnd.hidden = follows;
    },
  };
}
