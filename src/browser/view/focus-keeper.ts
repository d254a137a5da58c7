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
  /** The focus is in a place that is not the best one, and nobody has chosen it. */
  let isWaiting = false;

  const settle = (): void => {
    const place = [...placesInDialog(), ...places].find(canHold);
    place?.focus({ preventScroll: true });
    isWaiting = place !== places[0];
  };

  const lookAfter = (): void => {
    if (held && !canHold(held)) settle();
    else if (isWaiting && places[0] && canHold(places[0])) settle();
  };

  document.addEventListener('focusin', ({ target }) => {
    held = target instanceof HTMLElement ? target : undefined;
  });
  document.addEventListener('focusout', ({ target, relatedTarget }) => {
    // A person who presses beside everything wants no focus; an element that is gone had no choice.
    if (held && target === held && relatedTarget === null && canHold(held)) held = undefined;
  });
  // Whoever moves on by themselves has chosen a place.
  document.addEventListener('pointerdown', () => {
    isWaiting = false;
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Tab') isWaiting = false;
  });
  new MutationObserver(lookAfter).observe(document.body, {
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
