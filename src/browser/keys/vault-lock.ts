/**
 * Which tabs have a chat open. A tab that leaves a chat deletes its keys only when no duplicate of the tab
 * goes on with it.
 */

const nameOf = (id: string): string => `sfchat.vault.${id}`;

/** Says, as long as this page is open, that it has the chat. */
export function holdVault(id: string): void {
  if (!('locks' in navigator)) return;
  const untilThePageIsGone = () => new Promise<void>(() => undefined);
  navigator.locks
    .request(nameOf(id), { mode: 'shared' }, untilThePageIsGone)
    .catch(() => undefined);
}

/** Whether another page than this one, which has it, has the chat open; true where the browser cannot tell. */
export async function isHeldElsewhere(id: string): Promise<boolean> {
  if (!('locks' in navigator)) return true;
  const { held = [] } = await navigator.locks.query();
  return held.filter(({ name }) => name === nameOf(id)).length > 1;
}

/** Whether a page of this browser has the chat open; false where the browser cannot tell. */
export async function isHeld(id: string): Promise<boolean> {
  if (!('locks' in navigator)) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === nameOf(id));
}

/** Runs `remove` unless another tab has the chat. */
export async function unlessHeld(id: string, remove: () => Promise<void>): Promise<void> {
  await navigator.locks.request(nameOf(id), { ifAvailable: true }, async (lock) => {
    if (lock) await remove();
  });
}
