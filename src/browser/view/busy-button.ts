/** A button that shows that it is at work and does nothing twice. */
export interface BusyButton {
  /** Runs the action unless the last one is still running. */
  run(action: () => Promise<void>): Promise<void>;
}

/** Makes a button busy-aware. It keeps the focus while it works, so it is never really disabled. */
export function createBusyButton(button: HTMLButtonElement, busyText: string): BusyButton {
  const idleText = button.textContent;
  let busy = false;

  const setBusy = (changed: boolean): void => {
    busy = changed;
    button.setAttribute('aria-busy', String(changed));
    button.setAttribute('aria-disabled', String(changed));
    button.textContent = changed ? busyText : idleText;
  };

  button.disabled = false;
  return {
    async run(action) {
      if (busy) return;
      setBusy(true);
      try {
        await action();
      } finally {
        setBusy(false);
      }
    },
  };
}
