import { t } from '../../messages/translate.ts';
import type { Delivery } from '../room/chat-room.ts';
import {
  continuesRun,
  formatLead,
  formatLine,
  formatStamp,
  type Entry,
} from '../session/transcript.ts';
import { byId } from './page.ts';
import { createScrollFollower } from './scroll-follower.ts';

/** The messages on the page. */
export interface LogView {
  restore: (entries: readonly Entry[]) => void;
  add: (entry: Entry) => void;
  setDelivery: (id: string, delivery: Delivery) => void;
  /** Shows the newest if the reader was there before `change`. */
  keepAtEnd: (change: () => void) => void;
}

/**
 * Finds the log on the page and keeps it at its end unless the reader has scrolled up.
 *
 * @param onRepeat the person wants a message sent once more.
 */
export function createLogView(onRepeat: (id: string) => void): LogView {
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
    line.className = 'entry';
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
          showDelivery(line, delivery, () => {
            onRepeat(id);
          });
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
  if (entry.author === 'system' || entry.author === 'notice') {
    line.textContent = formatLine(entry);
    if (entry.warning) line.classList.add('is-warning');
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

/** What stands for the quiet stages; in words it is in the mark's name and tip. */
const MARKS: Partial<Record<Delivery['kind'], string>> = {
  sent: '✓',
  delivered: '✓✓',
  confirmed: '✓✓',
};

function showDelivery(line: HTMLElement, delivery: Delivery, repeat: () => void): void {
  line.querySelector('.delivery, .mark')?.remove();
  const mark = MARKS[delivery.kind];
  line.append(mark === undefined ? createLabel(delivery, repeat) : createMark(delivery, mark));
}

function createMark({ kind, text }: Delivery, mark: string): HTMLElement {
  const element = document.createElement('span');
  element.className = 'mark';
  element.dataset['kind'] = kind;
  element.role = 'img';
  element.ariaLabel = text;
  element.title = text;
  element.textContent = mark;
  return element;
}

function createLabel({ kind, text }: Delivery, repeat: () => void): HTMLElement {
  const label = document.createElement('small');
  label.className = 'delivery';
  label.dataset['kind'] = kind;
  label.textContent = text;
  if (kind !== 'unconfirmed') return label;
  const again = document.createElement('button');
  again.type = 'button';
  again.className = 'button small';
  again.textContent = t('delivery.again');
  again.addEventListener('click', repeat);
  label.append(' ', again);
  return label;
}
