// Closer to the end than this, the reader counts as being there.
const NEAR_END = 60;

/** Keeps the newest line in sight unless the reader has scrolled up. */
export interface ScrollFollower {
  /** Something new stands at the end: it comes into sight by itself, or the button offers it. */
  added(): void;
  /** Something of one's own stands at the end: whoever wrote it wants to see it. */
  addedOwn(): void;
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

/** Where to scroll for the newest, or for the beginning of what is pinned. */
function topOfEnd(scroller: HTMLElement, pinned: HTMLElement): number {
  const lowest = scroller.scrollHeight - scroller.clientHeight;
  return pinned.hidden ? lowest : Math.min(lowest, pinned.offsetTop);
}

/**
 * Follows the end of a scrolling element. Nothing is measured when a line is added: the browser tells once
 * per frame that the contents have grown, however many lines that were.
 */
export function createScrollFollower(options: ScrollFollowerOptions): ScrollFollower {
  const { scroller, contents, toEnd, pinned, field } = options;
  let follows = true;

  let lastTop = scroller.scrollTop;

  const endTop = (): number => topOfEnd(scroller, pinned);
  const isAtEnd = (): boolean => Math.abs(endTop() - scroller.scrollTop) < NEAR_END;

  const scrollTo = (top: number): void => {
    scroller.scrollTop = top;
    lastTop = scroller.scrollTop;
  };

  const showEnd = (): void => {
    scrollTo(endTop());
  };

  const follow = (): void => {
    follows = true;
    toEnd.hidden = true;
  };

  const scrollToEnd = (): void => {
    follow();
    showEnd();
  };

  /** Only a reader scrolls away from the end; what is added leaves the end behind without anybody moving. */
  const noticeReader = (): void => {
    const moved = scroller.scrollTop - lastTop;
    lastTop = scroller.scrollTop;
    if (isAtEnd()) follows = true;
    else if (moved < 0 || (moved > 0 && !pinned.hidden)) follows = false;
  };

  scroller.addEventListener(
    'scroll',
    () => {
      noticeReader();
      if (follows) toEnd.hidden = true;
    },
    { passive: true },
  );
  keepFromFocus(toEnd);
  toEnd.addEventListener('click', () => {
    if (document.activeElement === toEnd) field.focus({ preventScroll: true });
    scrollToEnd();
  });
  // Lines are added, the keyboard of a phone opens, a notice appears: the newest line stays in sight.
  const watch = new ResizeObserver(() => {
    noticeReader();
    if (follows) showEnd();
  });
  for (const element of [scroller, ...contents]) watch.observe(element);

  return {
    scrollToEnd,
    added() {
      if (!follows) toEnd.hidden = false;
    },
    addedOwn: follow,
    holdAt(element) {
      follows = false;
      scrollTo(element.offsetTop - scroller.offsetTop);
      follows = isAtEnd();
      toEnd.hidden = follows;
    },
  };
}

/** A press does not take the focus from the field, so that a phone keeps its keyboard. */
function keepFromFocus(button: HTMLButtonElement): void {
  for (const press of ['pointerdown', 'mousedown']) {
    button.addEventListener(press, (event) => {
      event.preventDefault();
    });
  }
}
