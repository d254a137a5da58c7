import type { TypingSignals } from '../../../src/chat/typing.ts';
import { withTypingMemory } from '../../../src/distributed/typing-memory.ts';
import { newParticipantKey } from '../../support/chats.ts';

describe('typing in memory', () => {
  const [writer, reader] = [newParticipantKey(), newParticipantKey()];
  let stored: number | null;
  let reads: number;
  let mark: number | null;
  let kept: 'nobody types' | undefined;
  let typing: TypingSignals;

  beforeEach(() => {
    [stored, reads, mark, kept] = [null, 0, 1, undefined];
    const signals = {
      begin: () => Promise.resolve(),
      end: () => Promise.resolve(),
      until: () => {
        reads += 1;
        return Promise.resolve(stored);
      },
    };
    typing = withTypingMemory(signals, {
      mark: () => mark,
      keep: (_who, since, value) => {
        if (since !== null && since === mark) kept = value;
      },
      kept: () => kept,
    });
  });

  const hear = (): void => {
    mark = (mark ?? 0) + 1;
    kept = undefined;
  };

  it('asks once while nothing is heard and nobody types', async () => {
    expect(await typing.until(writer, 1, reader)).toBeNull();
    expect(await typing.until(writer, 2, reader)).toBeNull();
    expect(reads).toBe(1);
  });

  it('asks again as soon as something is heard', async () => {
    await typing.until(writer, 1, reader);
    hear();
    stored = 9;

    expect(await typing.until(writer, 2, reader)).toBe(9);
  });

  it('never remembers somebody as typing', async () => {
    stored = 9;
    await typing.until(writer, 1, reader);
    stored = null;

    expect(await typing.until(writer, 2, reader)).toBeNull();
  });

  it('remembers nothing that was read while something was heard', async () => {
    const asked = typing.until(writer, 1, reader);
    hear();
    await asked;
    stored = 9;

    expect(await typing.until(writer, 2, reader)).toBe(9);
  });

  it('asks each time for whoever hears nothing', async () => {
    mark = null;
    await typing.until(writer, 1, reader);
    await typing.until(writer, 1, reader);
    await typing.until(writer, 1);

    expect(reads).toBe(3);
  });
});
