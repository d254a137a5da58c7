/** Keeps the focus where typing leads somewhere. */
export interface FocusKeeper {
  /** Gives the best place the focus, at once or when it can take it, unless the person is at something else. */
  claim(): void;
}

/**
 * Nobody's focus is ever lost: when the element that has it goes away or is switched off, the first place that
 * can take the focus gets it, instead of the body, where typing leads nowhere.
 *
 * @param places from the best one to the last resort
 */
export function keepFocus(places: readonly HTMLElement[]): FocusKeeper {
  let held: HTMLElement | undefined;
  /** A place that is not the best one, and that nobody has chosen. */
  let waitingAt: HTMLElement | undefined;

  const settle = (): void => {
    const inDialog = placesInDialog().find(canHold);
    const place = inDialog ?? places.find(canHold);
    waitingAt = inDialog || place === places[0] ? undefined : place;
    place?.focus({ preventScroll: true });
  };

  const lookAfter = (): void => {
    const active = document.activeElement;
    // Whatever went away, the browser or somebody else has found a place already.
    const hasPlace = active instanceof HTMLElement && active !== document.body && canHold(active);
    if (held && !canHold(held) && !hasPlace) settle();
    else if (waitingAt && places[0] && canHold(places[0])) settle();
  };

  document.addEventListener('focusin', ({ target }) => {
    held = target instanceof HTMLElement ? target : undefined;
    if (held !== waitingAt) waitingAt = undefined;
  });
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    // A person who presses beside everything wants no focus; an element that is gone had no choice.
    if (held && target === held && relatedTarget === null && canHold(held)) held = undefined;
  });
  // Whoever moves on by themselves has chosen a place.
  document.addEventListener('pointerdown', () => {
    waitingAt = undefined;
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Tab') waitingAt = undefined;
  });
  // A dialog that closes gives the focus back by itself, a moment later.
  new MutationObserver(() => setTimeout(lookAfter)).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['hidden', 'disabled', 'open'],
  });

  return {
    claim() {
      if (held && canHold(held)) return;
      settle();
    },
  };
}

/** While a dialog is open, nothing else on the page can take the focus. */
const placesInDialog = (): HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>('dialog[open] .button'),
];

const canHold = (element: HTMLElement): boolean =>
  element.isConnected && element.checkVisibility() && !element.matches(':disabled');
