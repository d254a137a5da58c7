import { createDeliveries, type Deliveries } from '../../src/client/connection/deliveries.ts';
import { createConversation, type Conversation } from '../../src/browser/session/conversation.ts';
import { createTabStorage } from '../../src/browser/session/tab-storage.ts';
import type { SecureEvent } from '../../src/crypto/index.ts';
import { memoryStore, PageClock } from '../unit/browser/support.ts';

interface Rig {
  deliveries: Deliveries;
  conversation: Conversation;
  clock: PageClock;
  contradictions: number;
  /** How many frames the talker has confirmed. */
  confirmed: number;
  stages: () => (string | undefined)[];
}

/** One's own messages with the sequences 0, 1, …; all of them accepted. */
function rig(...texts: string[]): Rig {
  let frames = 0;
  const clock = new PageClock();
  const conversation = createConversation(createTabStorage(memoryStore), () => 0);
  for (const text of texts) conversation.addOwn(text, text);
  const state: Rig = {
    conversation,
    clock,
    contradictions: 0,
    confirmed: 0,
    stages: () => conversation.own().map(({ stage }) => stage),
    deliveries: createDeliveries({
      messages: conversation,
      line: {
        isConfirmed: ({ epoch, sequence }) => epoch === 1 && sequence < state.confirmed,
        frameOf: () => ({ epoch: 1, sequence: frames++ }),
      },
      clock,
      onStage: () => undefined,
      onContradiction: () => (state.contradictions += 1),
    }),
  };
  state.deliveries.accepted(texts);
  return state;
}

const text: SecureEvent = { type: 'text', epoch: 1, sequence: 9, text: 'Hello', late: false };

describe('one’s own messages', () => {
  test('are delivered but for the newest that the server keeps', () => {
    const { deliveries, stages } = rig('a', 'b', 'c');
    deliveries.answered(deliveries.asking(), 1);
    expect(stages()).toEqual(['delivered', 'delivered', 'sent']);
  });

  test('are not delivered by an answer to a question from before they were accepted', () => {
    const { deliveries, conversation, stages } = rig('a');
    const asked = deliveries.asking();
    conversation.addOwn('b', 'b');
    deliveries.accepted(['b']);
    deliveries.answered(asked, 0);
    expect(stages()).toEqual(['delivered', 'sent']);
  });

  test('are not delivered because others wait that the server has not even accepted', () => {
    const { deliveries, conversation, stages } = rig('a');
    conversation.addOwn('b', 'b');
    deliveries.answered(deliveries.asking(), 1);
    expect(stages()).toEqual(['sent', undefined]);
  });

  test('are confirmed by the talker alone, whatever the server said', () => {
    const state = rig('a', 'b');
    state.confirmed = 1;
    state.deliveries.opened([text]);
    expect(state.stages()).toEqual(['confirmed', 'sent']);
  });

  test('are called unconfirmed when the talker goes on for long without having them', async () => {
    const state = rig('a');
    state.deliveries.answered(state.deliveries.asking(), 0);
    await state.clock.advance(10_000);
    state.deliveries.opened([text]);
    expect(state.contradictions).toBe(0);
    state.deliveries.opened([text]);
    expect(state.contradictions).toBe(1);
    expect(state.stages()).toEqual(['unconfirmed']);
  });

  test('raise no alarm when the talker sends what was written before reading', () => {
    const state = rig('a');
    state.deliveries.answered(state.deliveries.asking(), 0);
    state.deliveries.opened([text, text, text, text]);
    expect([state.contradictions, state.stages()]).toEqual([0, ['delivered']]);
  });

  test('cannot be confirmed any more when the keys have changed', () => {
    const state = rig('a', 'b');
    state.confirmed = 1;
    state.deliveries.opened([{ type: 'secured', epoch: 2, words: [1, 2, 3, 4], again: true }]);
    expect(state.stages()).toEqual(['confirmed', 'unconfirmed']);
  });
});
