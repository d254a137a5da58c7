import { formatMoment, t } from '../../messages/translate.ts';
import type { Delivery } from '../room/chat-view.ts';
import { inOneGo } from '../session/in-one-go.ts';
import { continuesRun, dayOf, type Entry } from '../session/transcript.ts';
import { createEntry, showDelivery, toggleDetails } from './entry-view.ts';
import { byId } from './elements.ts';
import { createScrollFollower } from './scroll-follower.ts';

/** The messages on the page. */
export interface LogView {
  /** Shows these and no others, without announcing them. */
  restore: (entries: readonly Entry[]) => void;
  add: (entries: readonly Entry[]) => void;
  setDelivery: (id: string, delivery: Delivery) => void;
}

/**
 * Finds the log on the page and keeps it at its end unless the reader has scrolled up.
 *
 * @param onRepeat the person wants a message sent once more.
 */
export function createLogView(onRepeat: (id: string) => void): LogView {
  const log = byId('log', HTMLDivElement);
  const invitation = byId('invitation', HTMLElement);
  const follower = createScrollFollower({
    scroller: byId('scroller', HTMLDivElement),
    contents: [log, invitation],
    toEnd: byId('new-messages', HTMLButtonElement),
    pinned: invitation,
    field: byId('message', HTMLTextAreaElement),
  });
  const unread = createUnreadMark(follower.holdAt);
  const ownEntries = new Map<string, HTMLElement>();
  let previous: Entry | undefined;

  // Lines of one go stand on the page together: whoever submits many would have each of them laid out.
  const made = document.createDocumentFragment();
  const showing = inOneGo(() => {
    log.append(made);
  });

  const elementsOf = (entries: readonly Entry[]): DocumentFragment => {
    const lines = document.createDocumentFragment();
    for (const entry of entries) {
      if (previous && dayOf(previous.at) !== dayOf(entry.at)) lines.append(createDay(entry.at));
      if (unread.isDue(entry)) lines.append(unread.element);
      const element = createEntry(entry, continuesRun(entry, previous));
      if (entry.author === 'you') ownEntries.set(entry.id, element);
      lines.append(element);
      previous = entry;
    }
    return lines;
  };

  tellDetailsOnPress(log);

  return {
    restore(entries) {
      // Busy: old lines are not read aloud again after a reload.
      log.setAttribute('aria-busy', 'true');
      previous = undefined;
      ownEntries.clear();
      made.replaceChildren();
      log.replaceChildren(elementsOf(entries));
      follower.scrollToEnd();
      requestAnimationFrame(() => {
        log.removeAttribute('aria-busy');
      });
    },
    add(entries) {
      const isOwn = entries.some(({ author }) => author === 'you');
      if (isOwn) unread.remove();
      made.append(elementsOf(entries));
      showing.soon();
      if (isOwn) follower.addedOwn();
      else follower.added();
    },
    setDelivery(id, delivery) {
      const element = ownEntries.get(id);
      if (!element) return;
      showDelivery(element, delivery, () => {
        onRepeat(id);
      });
    },
  };
}

function tellDetailsOnPress(log: HTMLElement): void {
  log.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element) || target.closest('a, button')) return;
    const bubble = target.closest<HTMLElement>('.bubble');
    if (bubble && isNothingSelected()) toggleDetails(bubble);
  });
}

/** Who selects text to copy it does not want the details. */
const isNothingSelected = (): boolean => getSelection()?.isCollapsed !== false;

function createDay(at: number): HTMLElement {
  const day = document.createElement('p');
  day.className = 'divider day';
  day.textContent = formatMoment(at, { weekday: 'long', day: 'numeric', month: 'long' });
  return day;
}

/** The line before the first message that came while nobody looked. */
interface UnreadMark {
  readonly element: HTMLElement;
  isDue(entry: Entry): boolean;
  remove(): void;
}

function createUnreadMark(holdAt: (element: HTMLElement) => void): UnreadMark {
  const element = document.createElement('p');
  element.className = 'divider unread';
  element.ariaLive = 'off';
  element.textContent = t('log.unread');
  // It stays while it is read, and the next absence has one of its own.
  let isNew = false;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      isNew = true;
    } else if (!isNew && element.isConnected) {
      holdAt(element);
    }
  });
  return {
    element,
    isDue({ author }) {
      if (!document.hidden || !isNew || author !== 'talker') return false;
      isNew = false;
      return true;
    },
    remove() {
      element.remove();
    },
  };
}
