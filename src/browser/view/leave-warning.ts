/**
 * Lets the browser ask before the page goes away, only while something would be lost: a listener that is there
 * without need would keep the page out of the browser's back-forward cache.
 *
 * @returns to be called with whether something would be lost
 */
export function createLeaveWarning(): (isNeeded: boolean) => void {
  const ask = (event: BeforeUnloadEvent): void => {
    event.preventDefault();
  };
  return (isNeeded) => {
    if (isNeeded) window.addEventListener('beforeunload', ask);
    else window.removeEventListener('beforeunload', ask);
  };
}
