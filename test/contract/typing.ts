/* eslint-disable jest/no-export -- a suite for the tests of each adapter */
import type { TypingSignals } from '../../src/chat/typing.ts';
import { TYPING_SHOWN_MS } from '../../src/protocol.ts';
import { newParticipantKey } from '../support/chats.ts';

/** Typing signals for one run of the suite. */
export interface OpenedTyping {
  readonly typing: TypingSignals;
  /** The same signals as another process would have them. */
  another(): Promise<TypingSignals>;
  /** Disconnects everything that was opened. */
  dispose(): Promise<void>;
}

/** What every adapter of {@link TypingSignals} must do. */
export function describeTyping(adapter: string, open: () => Promise<OpenedTyping>): void {
  describe(`${adapter}: the contract of typing signals`, () => {
    let opened: OpenedTyping;
    let typing: TypingSignals;
    let elsewhere: TypingSignals;
    /** Near the real time: an adapter may also forget by its own clock. */
    let now: number;

    beforeAll(async () => {
      opened = await open();
      typing = opened.typing;
      elsewhere = await opened.another();
    });

    beforeEach(() => {
      now = Date.now();
    });

    afterAll(() => opened.dispose());

    it('show nobody who has not begun', async () => {
      expect(await typing.until(newParticipantKey(), now)).toBeNull();
    });

    it(`show who has begun for ${TYPING_SHOWN_MS} ms, in every process`, async () => {
      const who = newParticipantKey();
      await typing.begin(who, now);

      for (const from of [typing, elsewhere]) {
        expect(await from.until(who, now)).toBe(now + TYPING_SHOWN_MS);
        expect(await from.until(who, now + TYPING_SHOWN_MS - 1)).toBe(now + TYPING_SHOWN_MS);
        expect(await from.until(who, now + TYPING_SHOWN_MS)).toBeNull();
      }
    });

    it('show for longer who repeats it', async () => {
      const who = newParticipantKey();
      await typing.begin(who, now);
      await elsewhere.begin(who, now + 4000);

      expect(await typing.until(who, now + 5000)).toBe(now + 4000 + TYPING_SHOWN_MS);
    });

    it('show nobody any more who takes it back, wherever', async () => {
      const who = newParticipantKey();
      await typing.begin(who, now);
      await elsewhere.end(who);

      expect(await typing.until(who, now)).toBeNull();
    });

    it('may be taken back without having begun', async () => {
      const who = newParticipantKey();
      await typing.end(who);

      expect(await typing.until(who, now)).toBeNull();
    });

    it('show nobody else', async () => {
      const [one, other] = [newParticipantKey(), newParticipantKey()];
      await typing.begin(one, now);
      await typing.begin(other, now);
      await typing.end(other);

      expect(await typing.until(one, now)).not.toBeNull();
      expect(await typing.until(other, now)).toBeNull();
      expect(await typing.until(newParticipantKey(), now)).toBeNull();
    });
  });
}
