import { MESSAGE_MAX_LENGTH, type Status } from '../../protocol.ts';
import { composerState } from './composer-state.ts';
import { byId, messageMaxLength, setText } from './page.ts';

/** What decides what can be written and sent. */
export interface Situation {
  readonly status: Status;
  /** Why messages are waiting; empty when they are not. */
  readonly trouble: string;
  /** Texts can be sent at all: no keys are needed, or they are confirmed. */
  readonly isOpen: boolean;
  /** Another tab has the chat when this is false. */
  readonly isEnabled: boolean;
}

/** The message field, its counter and the Send button. */
export interface ComposerView {
  set: (changes: Partial<Situation>) => void;
  /** For good. Text that was not sent stays, so that it can be copied. */
  finish(): void;
}

// A screen reader speaks about the limit when typing pauses, not at every key.
const ANNOUNCE_AFTER_MS = 700;

/** Finds the message field on the page; `onSend` gets each text exactly as it was typed. */
export function createComposerView(
  onSend: (text: string) => void,
  encrypted: boolean,
): ComposerView {
  const form = byId('composer', HTMLFormElement);
  const field = byId('message', HTMLTextAreaElement);
  const send = byId('send', HTMLButtonElement);
  const note = byId('send-note', HTMLParagraphElement);
  const counter = byId('counter', HTMLParagraphElement);
  const max = encrypted ? MESSAGE_MAX_LENGTH : messageMaxLength();
  let now: Situation = { status: 'draft', trouble: '', isOpen: !encrypted, isEnabled: true };
  const announce = createAnnouncer(byId('counter-status', HTMLParagraphElement));

  const update = (): void => {
    const state = composerState(field.value, max, now.status, now.isOpen);
    send.disabled = !state.canSend || field.disabled;
    setText(counter, state.counter);
    counter.dataset['over'] = String(state.over);
    field.setAttribute('aria-invalid', String(state.over));
    setText(note, state.reason || now.trouble);
    announce(state.announcement);
  };

  const updateField = (): void => {
    const wasDisabled = field.disabled;
    field.disabled = !now.isEnabled || !now.isOpen;
    // Whoever waited for it goes on here; nobody is torn away from anything.
    if (wasDisabled && !field.disabled && document.activeElement === document.body) field.focus();
    update();
  };

  const submit = (): void => {
    if (send.disabled) return;
    const text = field.value;
    field.value = '';
    update();
    // Send is disabled now; focus must not get lost, and a phone keeps its keyboard.
    field.focus();
    onSend(text);
  };

  onSubmit(form, field, submit);
  field.addEventListener('input', update);
  updateField();

  return {
    set(changes) {
      now = { ...now, ...changes };
      updateField();
    },
    finish() {
      form.hidden = field.value === '';
      field.disabled = false;
      field.readOnly = true;
    },
  };
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

/** The button, or Ctrl+Enter (Cmd+Enter); Enter alone makes a new line. */
function onSubmit(form: HTMLFormElement, field: HTMLTextAreaElement, submit: () => void): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  });
}
