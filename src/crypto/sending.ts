import { sealFrame } from './envelope.ts';
import type { OwnFrame } from './frame.ts';
import type { Epoch, SecureChat, Step } from './secure-chat.ts';
import { Sfc1Error } from './sfc1-error.ts';

/** Making own frames (encryption.md, "Message"). */

/** What an own frame says; its numbers come from the epoch. */
type Content = { readonly type: 'hello' } | { readonly type: 'text'; readonly text: string };

/** The next frame in an epoch, and the epoch with its sequence taken. */
export async function sealNext(
  { chatToken, role }: SecureChat,
  epoch: Epoch,
  content: Content,
): Promise<{ readonly envelope: string; readonly epoch: Epoch }> {
  const { sent: sequence, opened, sendKey } = epoch;
  const frame: OwnFrame = { ...content, sequence, received: opened.received };
  return {
    envelope: await sealFrame(sendKey, { chatToken, sender: role }, frame),
    epoch: { ...epoch, sent: sequence + 1 },
  };
}

/** A text that was sent; it is confirmed when `confirmed` of its epoch says more than its sequence. */
export interface SentText {
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * Seals a text. The one outgoing message is kept as it is until the server has accepted it.
 *
 * @param text 1 to 140 code points, well-formed, without NUL.
 * @throws {Sfc1Error} `no keys` before the key is confirmed; `text …` when the text may not be sent.
 */
export async function sendText(
  state: SecureChat,
  text: string,
): Promise<Step & { readonly sent: SentText }> {
  if (!state.current) throw new Sfc1Error('no keys');
  const { number, sent: sequence } = state.current;
  const { envelope, epoch } = await sealNext(state, state.current, { type: 'text', text });
  return {
    state: { ...state, current: epoch, revision: state.revision + 1 },
    outgoing: [envelope],
    events: [],
    sent: { epoch: number, sequence },
  };
}
