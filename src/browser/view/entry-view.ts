import { formatMoment, t } from '../../messages/translate.ts';
import type { Delivery } from '../room/chat-view.ts';
import { isPerson, type Entry } from '../session/transcript.ts';
import { findLinks } from './links.ts';

/** One line of the conversation on the page. Everything received is text, never HTML. */

/** The element of a line; its `.line` is what a screen reader says when it comes. */
export function createEntry(entry: Entry, continued: boolean): HTMLElement {
  const element = document.createElement('div');
  element.className = `entry entry-${entry.author}`;
  element.classList.toggle('is-continued', continued);
  element.append(isPerson(entry) ? createBubble(entry, continued) : createNotice(entry));
  return element;
}

function createNotice(entry: Entry): HTMLElement {
  const line = document.createElement('p');
  line.className = `line line-${entry.author}`;
  line.textContent = entry.author === 'system' ? `*** ${entry.text} ***` : entry.text;
  if (entry.warning) line.classList.add('is-warning');
  return line;
}

function createBubble(entry: Entry, continued: boolean): HTMLElement {
  const bubble = document.createElement('div');
  bubble.className = 'bubble';
  const line = document.createElement('p');
  line.className = `line line-${entry.author}`;
  line.append(createName(entry, continued), createText(entry.text));
  bubble.append(line, createMeta(entry));
  return bubble;
}

/** Seen at the head of a run, heard at every line. */
function createName({ author }: Entry, continued: boolean): HTMLElement {
  const name = document.createElement('span');
  name.className = continued ? 'name visually-hidden' : 'name';
  name.textContent = `${t(author === 'you' ? 'log.you' : 'log.talker')} `;
  return name;
}

function createText(text: string): HTMLElement {
  const element = document.createElement('span');
  element.className = 'text';
  // Isolated, so that a right-to-left text turns nothing else around.
  element.dir = 'auto';
  element.append(
    ...findLinks(text).map((piece) =>
      piece.href === undefined ? piece.text : createLink(piece.text, piece.href),
    ),
  );
  return element;
}

function createLink(text: string, href: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.referrerPolicy = 'no-referrer';
  // What the browser makes of a name that looks like another.
  link.title = href;
  link.textContent = text;
  return link;
}

/** Time and delivery: seen beside the text, and never part of what is announced. */
function createMeta(entry: Entry): HTMLElement {
  const meta = document.createElement('span');
  meta.className = 'meta';
  meta.ariaLive = 'off';
  if (entry.earlier) {
    const earlier = document.createElement('span');
    earlier.textContent = t('log.earlier');
    meta.append(earlier);
  }
  const time = document.createElement('time');
  time.dateTime = new Date(entry.at).toISOString();
  time.textContent = TIME.format(entry.at);
  meta.append(time);
  return meta;
}

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** The quiet stages are a mark behind the time, whose sign the style sheet draws; the others are words. */
const QUIET: readonly Delivery['kind'][] = ['sending', 'sent', 'delivered', 'confirmed'];

/** Shows how far one's own message has come. */
export function showDelivery(entry: HTMLElement, delivery: Delivery, repeat: () => void): void {
  const shown = entry.querySelector<HTMLElement>('.mark');
  if (QUIET.includes(delivery.kind)) {
    entry.querySelector('.delivery')?.remove();
    const mark = shown ?? createMark(entry);
    mark.dataset['kind'] = delivery.kind;
    mark.ariaLabel = delivery.text;
    mark.title = delivery.text;
    return;
  }
  shown?.remove();
  entry.querySelector('.delivery')?.remove();
  entry.append(createLabel(delivery, repeat));
}

function createMark(entry: HTMLElement): HTMLElement {
  const mark = document.createElement('span');
  mark.className = 'mark';
  mark.role = 'img';
  entry.querySelector('.meta')?.append(mark);
  return mark;
}

function createLabel({ kind, text }: Delivery, repeat: () => void): HTMLElement {
  const label = document.createElement('small');
  label.className = 'delivery';
  label.dataset['kind'] = kind;
  label.ariaLive = 'off';
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

/** A press on a message says when exactly it was written or came, and how far it has come. */
export function toggleDetails(bubble: HTMLElement): void {
  const open = bubble.parentElement?.querySelector('.details');
  if (open) {
    open.remove();
    return;
  }
  const at = bubble.querySelector('time')?.dateTime ?? '';
  const details = document.createElement('small');
  details.className = 'details';
  details.ariaLive = 'off';
  const moment = formatMoment(Date.parse(at), { dateStyle: 'full', timeStyle: 'medium' });
  const delivery = bubble.querySelector<HTMLElement>('.mark')?.title;
  details.textContent = [moment, delivery ?? []].flat().join(' · ');
  bubble.after(details);
}
