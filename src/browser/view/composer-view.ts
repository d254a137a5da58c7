import { MESSAGE_MAX_LENGTH, type Status } from '../../protocol.ts';
import { composerState } from './composer-state.ts';
import { byId, setText } from './elements.ts';
import { messageMaxLength } from './page.ts';

/** What decides what can be written and sent. */
export interface Situation {
  readonly status: Status;
  /** Texts can be sent at all: no keys are needed, or they are confirmed. */
  readonly isOpen: boolean;
  /** Another tab has the chat when this is false. */
  readonly isEnabled: boolean;
}

/** The message field, what is said about its text, and the Send button. */
export interface ComposerView {
  set: (changes: Partial<Situation>) => void;
  /** What is in the field. */
  text(): string;
  /** Puts a text that was typed before into the field, unless there is one. */
  restore(text: string): void;
  /** For good. Text that was not sent stays, so that it can be copied. */
  finish(): void;
}

export interface ComposerOptions {
  /** Gets each text exactly as it was typed. */
  readonly onSend: (text: string) => void;
  /** The text changed, by typing or by sending. */
  readonly onText: (text: string) => void;
  readonly encrypted: boolean;
}

// A screen reader speaks about the limit when typing pauses, not at every key.
const ANNOUNCE_AFTER_MS = 700;

/** Finds the message field on the page. */
export function createComposerView({ onSend, onText, encrypted }: ComposerOptions): ComposerView {
  const form = byId('composer', HTMLFormElement);
  const field = byId('message', HTMLTextAreaElement);
  const send = byId('send', HTMLButtonElement);
  const note = byId('send-note', HTMLParagraphElement);
  const length = byId('counter', HTMLParagraphElement);
  const max = encrypted ? MESSAGE_MAX_LENGTH : messageMaxLength();
  let now: Situation = { status: 'draft', isOpen: !encrypted, isEnabled: true };
  const announce = createAnnouncer(byId('counter-status', HTMLParagraphElement));

  const update = (): void => {
    const state = composerState(field.value, max, now.status, now.isOpen);
    send.disabled = !state.canSend || field.disabled;
    setText(length, state.length);
    length.dataset['over'] = String(state.over);
    field.setAttribute('aria-invalid', String(state.over));
    setText(note, state.reason);
    announce(state.length);
    fitHeight(field);
  };

  const updateField = (): void => {
    field.disabled = !now.isEnabled || !now.isOpen;
    update();
  };

  const submit = (): void => {
    if (send.disabled) return;
    const text = field.value;
    field.value = '';
    update();
    // Send is disabled now; focus must not get lost, and a phone keeps its keyboard. Where it is already, asking for
    // it would only lay the page out.
    if (document.activeElement !== field) field.focus();
    onSend(text);
    onText('');
  };

  onSubmit(form, field, submit);
  field.addEventListener('input', () => {
    update();
    onText(field.value);
  });
  updateField();

  return {
    set(changes) {
      now = { ...now, ...changes };
      updateField();
    },
    text: () => field.value,
    restore(text) {
      if (field.value !== '' || text === '') return;
      field.value = text;
      update();
    },
    finish() {
      form.hidden = field.value === '';
      field.disabled = false;
      field.readOnly = true;
    },
  };
}

// Then it has no need to be measured at every key.
const FITS_BY_ITSELF = CSS.supports('field-sizing: content');

/** As high as its text; the style sheet says from where on it scrolls. */
function fitHeight(field: HTMLTextAreaElement): void {
  if (FITS_BY_ITSELF) return;
  field.style.height = 'auto';
  const border = field.offsetHeight - field.clientHeight;
  field.style.height = `${field.scrollHeight + border}px`;
}

/** Says a text when no other has come for a while. */
function createAnnouncer(status: HTMLElement): (text: string) => void {
  let announcing: ReturnType<typeof setTimeout> | undefined;
  return (text) => {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      setText(status, text);
    }, ANNOUNCE_AFTER_MS);
  };
}

/**
 * Enter sends and Shift+Enter breaks the line, as everywhere. On a touch keyboard Enter breaks the line, since
 * it has no Shift+Enter, and the button sends. Ctrl+Enter (Cmd+Enter) sends on both.
 */
function onSubmit(form: HTMLFormElement, field: HTMLTextAreaElement, submit: () => void): void {
  const touch = matchMedia('(hover: none) and (pointer: coarse)');
  const nameEnterKey = (): void => {
    field.enterKeyHint = touch.matches ? 'enter' : 'send';
  };
  nameEnterKey();
  touch.addEventListener('change', nameEnterKey);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || isComposing(event)) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (!isCommand && (event.shiftKey || event.altKey || touch.matches)) return;
    event.preventDefault();
    // A key that is held down sends once.
    if (!event.repeat) submit();
  });
}

/** Whether Enter belongs to an input method, which takes it to accept a word. */
function isComposing(event: KeyboardEvent): boolean {
  // Safari ends the composition before it tells of the key, and gives it away by this code alone.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  return event.isComposing || event.keyCode === 229;
}
