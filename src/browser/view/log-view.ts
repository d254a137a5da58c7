import type { Delivery } from '../room/chat-room.ts';
import {
  continuesRun,
  formatLead,
  formatLine,
  formatStamp,
  type Entry,
} from '../session/transcript.ts';
import { byId, setText } from './page.ts';
import { createScrollFollower } from './scroll-follower.ts';

/** The messages on the page. */
export interface LogView {
  restore: (entries: readonly Entry[]) => void;
  add: (entry: Entry) => void;
  setDelivery: (id: string, delivery: Delivery) => void;
  /** Shows the newest if the reader was there before `change`. */
  keepAtEnd: (change: () => void) => void;
}

/** Finds the log on the page and keeps it at its end unless the reader has scrolled up. */
export function createLogView(): LogView {
  const log = byId('log', HTMLDivElement);
  const follower = createScrollFollower(
    byId('scroller', HTMLDivElement),
    byId('new-messages', HTMLButtonElement),
    byId('invitation', HTMLElement),
  );
  const ownLines = new Map<string, HTMLElement>();
  let previous: Entry | undefined;

  const append = (entry: Entry): void => {
    const line = document.createElement('div');
    line.append(createLine(entry, previous));
    log.append(line);
    if (entry.author === 'you') ownLines.set(entry.id, line);
    previous = entry;
  };

  return {
    restore(entries) {
      // Busy: old lines are not read aloud again after a reload.
      log.setAttribute('aria-busy', 'true');
      entries.forEach(append);
      follower.scrollToEnd();
      requestAnimationFrame(() => {
        log.removeAttribute('aria-busy');
      });
    },
    add(entry) {
      follower.add(() => {
        append(entry);
      });
      if (entry.author === 'you') follower.scrollToEnd();
    },
    setDelivery(id, delivery) {
      const line = ownLines.get(id);
      if (line) {
        follower.keepAtEnd(() => {
          showDelivery(line, delivery);
        });
      }
    },
    keepAtEnd: follower.keepAtEnd,
  };
}

/** Its textContent is exactly the line as it is read; everything received is text, never HTML. */
function createLine(entry: Entry, previous: Entry | undefined): HTMLElement {
  const line = document.createElement('p');
  line.className = `line line-${entry.author}`;
  if (entry.author === 'system') {
    line.textContent = formatLine(entry);
    return line;
  }
  const text = document.createElement('span');
  text.className = 'text';
  // Isolated, so that a right-to-left text does not turn the stamp around.
  text.dir = 'auto';
  text.textContent = entry.text;
  line.append(createLead(entry, previous), ' ', text);
  return line;
}

function createLead(entry: Entry, previous: Entry | undefined): HTMLElement {
  const continued = continuesRun(entry, previous);
  const lead = document.createElement(continued ? 'abbr' : 'span');
  lead.className = 'stamp';
  if (continued) lead.title = formatStamp(entry);
  lead.textContent = formatLead(entry, previous);
  return lead;
}

function showDelivery(line: HTMLElement, delivery: Delivery): void {
  let label = line.querySelector<HTMLElement>('.delivery');
  if (!delivery) {
    label?.remove();
    return;
  }
  if (!label) {
    label = document.createElement('small');
    label.className = 'delivery';
    line.append(label);
  }
  label.dataset['kind'] = delivery.kind;
  setText(label, delivery.text);
}
