import { byId } from './elements.ts';

/** Says what is left of a chat that is over, and offers a new one. */
export function showRemains(): void {
  byId('remains', HTMLUListElement).hidden = false;
  const fresh = byId('new-chat', HTMLAnchorElement);
  fresh.hidden = false;
  fresh.addEventListener('click', (event) => {
    event.preventDefault();
    // Without a way back to a chat that is no more.
    location.replace(fresh.href);
  });
}
