import { createTypingSignal } from '../../src/client/connection/typing-signal.ts';
import { failures } from '../../src/chat/failures.ts';
import { TYPING_SHOWN_MS } from '../../src/protocol.ts';
import { ManualClock } from '../support/manual-clock.ts';

function rig() {
  const clock = new ManualClock();
  const said: boolean[] = [];
  const state = { isWanted: true, fails: false };
  const typing = createTypingSignal({
    clock,
    isWanted: () => state.isWanted,
    signal(isTyping) {
      said.push(isTyping);
      return state.fails ? Promise.reject(failures.tooManyRequests(60_000)) : Promise.resolve();
    },
  });
  return { clock, said, state, typing };
}

describe('somebody who types', () => {
  test('says so once for many keys, and again before it is forgotten', async () => {
    const { clock, said, typing } = rig();
    for (const text of ['H', 'He', 'Hel']) typing.changed(text);
    expect(said).toEqual([true]);
    await clock.advance(TYPING_SHOWN_MS - 1_000);
    typing.changed('Hell');
    expect(said).toEqual([true, true]);
  });

  test('takes it back when the text is sent, or gone', () => {
    const { said, typing } = rig();
    typing.changed('Hi');
    typing.ended();
    typing.changed('Hi');
    typing.changed('');
    expect(said).toEqual([true, false, true, false]);
  });

  test('has nothing to take back when it is forgotten anyway', async () => {
    const { clock, said, typing } = rig();
    typing.changed('Hi');
    await clock.advance(TYPING_SHOWN_MS);
    typing.ended();
    expect(said).toEqual([true]);
  });

  test('says nothing where nobody wants to know, and nothing of blanks', () => {
    const { said, state, typing } = rig();
    typing.changed('  ');
    state.isWanted = false;
    typing.changed('Hi');
    typing.ended();
    expect(said).toEqual([]);
  });

  test('is quiet for as long as the server asks', async () => {
    const { clock, said, state, typing } = rig();
    state.fails = true;
    typing.changed('Hi');
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(30_000);
    typing.changed('Hi!');
    expect(said).toEqual([true]);
    await clock.advance(31_000);
    typing.changed('Hi!!');
    expect(said).toEqual([true, true]);
  });
});
