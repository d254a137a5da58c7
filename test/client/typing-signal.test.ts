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

/** As long as somebody types before it is said. */
const AT_FIRST_MS = 400;

describe('somebody who types', () => {
  test('says so once for many keys, and again before it is forgotten', async () => {
    const { clock, said, typing } = rig();
    for (const text of ['H', 'He', 'Hel']) typing.changed(text);
    await clock.advance(AT_FIRST_MS);
    expect(said).toEqual([true]);
    await clock.advance(TYPING_SHOWN_MS - 1_000);
    typing.changed('Hell');
    expect(said).toEqual([true, true]);
  });

  test('says nothing of what is sent at once, however much that is', async () => {
    const { clock, said, typing } = rig();
    for (let count = 0; count < 50; count += 1) {
      typing.changed('Hi');
      typing.sent();
      typing.changed('');
      await clock.advance(100);
    }
    expect(said).toEqual([]);
  });

  test('leaves it to the message that typing is over, and says at most every four seconds that it goes on', async () => {
    const { clock, said, typing } = rig();
    for (let count = 0; count < 8; count += 1) {
      typing.changed('Hi');
      await clock.advance(1_000);
      typing.sent();
      typing.changed('');
    }
    expect(said).toEqual([true, true]);
  });

  test('takes it back when the text is gone without being sent, also after a message', async () => {
    const { clock, said, typing } = rig();
    typing.changed('Hi');
    await clock.advance(AT_FIRST_MS);
    typing.changed('');
    expect(said).toEqual([true, false]);
    typing.changed('Hi');
    await clock.advance(AT_FIRST_MS);
    typing.sent();
    typing.changed('Ho');
    await clock.advance(AT_FIRST_MS);
    typing.changed('');
    expect(said).toEqual([true, false, true, false]);
  });

  test('takes it back when nobody may know any more', async () => {
    const { clock, said, typing } = rig();
    typing.changed('Hi');
    await clock.advance(AT_FIRST_MS);
    typing.ended();
    expect(said).toEqual([true, false]);
  });

  test('has nothing to take back when it is forgotten anyway', async () => {
    const { clock, said, typing } = rig();
    typing.changed('Hi');
    await clock.advance(AT_FIRST_MS);
    await clock.advance(TYPING_SHOWN_MS);
    typing.ended();
    expect(said).toEqual([true]);
  });

  test('says nothing where nobody wants to know, and nothing of blanks', async () => {
    const { clock, said, state, typing } = rig();
    typing.changed('  ');
    await clock.advance(AT_FIRST_MS);
    state.isWanted = false;
    typing.changed('Hi');
    await clock.advance(AT_FIRST_MS);
    typing.ended();
    expect(said).toEqual([]);
  });

  test('is quiet for as long as the server asks', async () => {
    const { clock, said, state, typing } = rig();
    state.fails = true;
    typing.changed('Hi');
    await clock.advance(AT_FIRST_MS);
    await clock.advance(30_000);
    typing.changed('Hi!');
    expect(said).toEqual([true]);
    await clock.advance(31_000);
    typing.changed('Hi!!');
    expect(said).toEqual([true, true]);
  });
});
