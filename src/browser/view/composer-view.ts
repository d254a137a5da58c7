import type { Status } from '../../protocol.ts';
import { composerState } from './composer-state.ts';
import { byId, messageMaxLength, setText } from './page.ts';

/** The message field, its counter and the Send button. */
export interface ComposerView {
  setStatus(status: Status): void;
  /** Why messages are waiting; empty when they are not. */
  setTrouble: (text: string) => void;
  /** Off while another tab has the chat. */
  setEnabled(enabled: boolean): void;
  /** For good. Text that was not sent stays, so that it can be copied. */
  finish(): void;
}

// A screen reader speaks about the limit when typing pauses, not at every key.
const ANNOUNCE_AFTER_MS = 700;

/** Finds the message field on the page; `onSend` gets each text exactly as it was typed. */
export function createComposerView(onSend: (text: string) => void): ComposerView {
  const form = byId('composer', HTMLFormElement);
  const field = byId('message', HTMLTextAreaElement);
  const send = byId('send', HTMLButtonElement);
  const note = byId('send-note', HTMLParagraphElement);
  const counter = byId('counter', HTMLParagraphElement);
  const counterStatus = byId('counter-status', HTMLParagraphElement);
  const max = messageMaxLength();
  let status: Status = 'draft';
  let trouble = '';
  let announcing: ReturnType<typeof setTimeout> | undefined;

  const announce = (text: string): void => {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      setText(counterStatus, text);
    }, ANNOUNCE_AFTER_MS);
  };

  const update = (): void => {
    const state = composerState(field.value, max, status);
    send.disabled = !state.canSend || field.disabled;
    setText(counter, state.counter);
    counter.dataset['over'] = String(state.over);
    field.setAttribute('aria-invalid', String(state.over));
    setText(note, state.reason || trouble);
    announce(state.announcement);
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
  update();

  return {
    setStatus(changed) {
      status = changed;
      update();
    },
    setTrouble(text) {
      trouble = text;
      update();
    },
    setEnabled(enabled) {
      field.disabled = !enabled;
      update();
    },
    finish() {
      form.hidden = field.value === '';
      field.disabled = false;
      field.readOnly = true;
    },
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
