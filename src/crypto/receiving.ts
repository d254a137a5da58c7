import { otherRole } from './derivations.ts';
import { openFrame } from './envelope.ts';
import type { Frame } from './frame.ts';
import { completeHandshake } from './handshake.ts';
import { noteOpened } from './opened-sequences.ts';
import {
  unchanged,
  type EarlierEpoch,
  type SecureChat,
  type SecureEvent,
  type Step,
} from './secure-chat.ts';

/** Opening the talker's frames (encryption.md, "Message"). */

/** Takes an envelope that arrived. */
export async function receiveEnvelope(state: SecureChat, envelope: string): Promise<Step> {
  const { chatToken, role, unconfirmed, current, earlier } = state;
  const epochs = [unconfirmed, current, ...earlier].filter((epoch) => epoch !== undefined);
  const keys = epochs.map(({ receiveKey }) => receiveKey);
  const opened = await openFrame(keys, { chatToken, sender: otherRole(role) }, envelope);
  const epoch = opened && epochs[opened.keyIndex];
  if (!epoch) return { state, outgoing: [], events: [{ type: 'unreadable' }] };
  return receiveFrame(state, epoch, opened.frame);
}

function receiveFrame(state: SecureChat, epoch: EarlierEpoch, frame: Frame): Step {
  const noted = noteOpened(epoch.opened, frame.sequence);
  if (!noted) return unchanged(state);

  // Nobody can have opened more than was sent.
  const confirmed = Math.max(epoch.confirmed, Math.min(frame.received, epoch.sent));
  const { opened, missing, late } = noted;
  const { state: next, events } = withNumbers(state, epoch.number, { confirmed, opened });
  return {
    state: next,
    outgoing: [],
    events: [
      ...events,
      ...eventsOf(epoch.number, frame, missing, late),
      ...(confirmed > epoch.confirmed
        ? [{ type: 'confirmed', epoch: epoch.number, received: confirmed } as const]
        : []),
    ],
  };
}

function eventsOf(
  epoch: number,
  frame: Frame,
  missing: { readonly from: number; readonly to: number } | undefined,
  late: boolean,
): readonly SecureEvent[] {
  const events: SecureEvent[] = missing ? [{ type: 'missing', epoch, ...missing }] : [];
  if (frame.type === 'text') {
    events.push({ type: 'text', epoch, sequence: frame.sequence, text: frame.text, late });
  }
  return events;
}

/** Writes an epoch's numbers; the first frame that opens with unconfirmed keys puts them in use. */
function withNumbers(
  state: SecureChat,
  number: number,
  numbers: Pick<EarlierEpoch, 'confirmed' | 'opened'>,
): Step {
  const { unconfirmed, current, earlier } = state;
  if (unconfirmed?.number === number) {
    return completeHandshake(state, { ...unconfirmed, ...numbers });
  }
  if (current?.number === number) {
    return unchanged({ ...state, current: { ...current, ...numbers } });
  }
  return unchanged({
    ...state,
    earlier: earlier.map((epoch) => (epoch.number === number ? { ...epoch, ...numbers } : epoch)),
  });
}
