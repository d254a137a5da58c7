import { createTypingInMemory } from '../../src/embedded/typing.ts';
import { TYPING_SHOWN_MS } from '../../src/protocol.ts';
import { newParticipantKey } from '../support/chats.ts';
import { describeTyping } from './typing.ts';

describeTyping('within one process', () => {
  const typing = createTypingInMemory();
  return Promise.resolve({
    typing,
    another: () => Promise.resolve(typing),
    dispose: () => Promise.resolve(),
  });
});

describe('the time of the machine is set back', () => {
  it('shows nobody as typing until that time has come again', async () => {
    const typing = createTypingInMemory();
    const who = newParticipantKey();
    const now = Date.now();
    await typing.begin(who, now);

    expect(await typing.until(who, now - 3_600_000)).toBeNull();
    expect(await typing.until(who, now - 1)).toBeNull();
    expect(await typing.until(who, now)).toBe(now + TYPING_SHOWN_MS);
  });

  it('shows who begins after that, for as long as ever', async () => {
    const typing = createTypingInMemory();
    const [before, after] = [newParticipantKey(), newParticipantKey()];
    const now = Date.now();
    const earlier = now - 3_600_000;
    await typing.begin(before, now);
    await typing.begin(after, earlier);

    expect(await typing.until(after, earlier)).toBe(earlier + TYPING_SHOWN_MS);
    expect(await typing.until(after, earlier + TYPING_SHOWN_MS)).toBeNull();
  });
});
