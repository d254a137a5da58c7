import fc from 'fast-check';
import {
  absentAt,
  expiresAt,
  isExpired,
  isGone,
  isPresent,
  newToken,
  talkerOf,
} from '../../src/chat/chat.ts';
import { isEnvelope, isSendableText, isToken } from '../../src/protocol.ts';
import { draftChat } from '../support/chats.ts';

const timing = { chatLifetimeMs: 1000, closedGraceMs: 100 };
const patient = { absenceCloseAfterMs: 30 };
const created = 5000;
const expires = created + timing.chatLifetimeMs;

describe('a token', () => {
  it('is 24 lowercase hex characters', () => {
    for (const text of ['', 'a'.repeat(23), 'a'.repeat(25), 'A'.repeat(24), 'g'.repeat(24)]) {
      expect(isToken(text)).toBe(false);
    }
    expect(isToken(`${'a'.repeat(24)}\n`)).toBe(false);
    expect(isToken('0123456789abcdef01234567')).toBe(true);
  });

  it('is new each time', () => {
    const tokens = Array.from({ length: 1000 }, newToken);

    expect(tokens.every(isToken)).toBe(true);
    expect(new Set(tokens).size).toBe(tokens.length);
  });
});

describe('the talker', () => {
  it('of the creator is the joiner, and of the joiner the creator', () => {
    const chat = draftChat({ joiner: newToken() });

    expect(talkerOf(chat, chat.creator)).toBe(chat.joiner);
    expect(talkerOf(chat, chat.joiner!)).toBe(chat.creator);
  });

  it('is nobody while the chat waits for the joiner', () => {
    const chat = draftChat();

    expect(talkerOf(chat, chat.creator)).toBeNull();
  });
});

describe('a chat', () => {
  it('is over at the end of its lifetime, to the millisecond', () => {
    expect(expiresAt({ created }, timing)).toBe(expires);
    expect(isExpired({ created }, timing, expires - 1)).toBe(false);
    expect(isExpired({ created }, timing, expires)).toBe(true);
  });

  it('is gone when the grace period after its close is over', () => {
    const chat = { created, closed: created + 50 };

    expect(isGone(chat, timing, created + 149)).toBe(false);
    expect(isGone(chat, timing, created + 150)).toBe(true);
  });

  it('is gone when the grace period after its lifetime is over, closed or not', () => {
    for (const closed of [null, expires + 5000]) {
      expect(isGone({ created, closed }, timing, expires + 99)).toBe(false);
      expect(isGone({ created, closed }, timing, expires + 100)).toBe(true);
    }
  });

  it('is never gone before it is over, and stays gone', () => {
    const time = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(time, time, fc.option(time), (now, later, closed) => {
        const chat = { created, closed };
        const isOver = isExpired(chat, timing, now) || (closed !== null && closed <= now);
        const isGoneNow = isGone(chat, timing, now);
        expect(isGoneNow && !isOver).toBe(false);
        expect(isGoneNow && !isGone(chat, timing, now + later)).toBe(false);
      }),
    );
  });
});

describe('somebody', () => {
  it('is present while their poll is held, and for a moment after they were seen', () => {
    expect(isPresent(null, 0)).toBe(false);
    expect(isPresent(5000, 4000)).toBe(true);
    expect(isPresent(5000, 5000)).toBe(true);
    expect(isPresent(5000, 60_000)).toBe(false);
  });

  it('is absent so long after they were seen last', () => {
    expect(absentAt(500, 100, patient)).toBe(530);
  });

  it('is not absent for what was before the server started', () => {
    expect(absentAt(50, 100, patient)).toBe(130);
    expect(absentAt(null, 100, patient)).toBe(130);
  });

  it('is not absent while a poll of theirs is held', () => {
    const heldUntil = 10_000;

    expect(absentAt(heldUntil, 100, patient)).toBe(heldUntil + 30);
  });
});

describe('a text of a plain chat', () => {
  const anything = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
  const visible = fc.tuple(anything, anything).map(([before, after]) => `${before}x${after}`);
  const codePoints = (text: string) => Array.from(text).length;

  it('is measured in code points, whatever they look like', () => {
    fc.assert(
      fc.property(visible, (text) => {
        const length = codePoints(text);
        expect(isSendableText(text, length)).toBe(true);
        expect(isSendableText(text, length - 1)).toBe(false);
        expect(isSendableText(text, length + 1)).toBe(true);
      }),
    );
  });

  it('may be as long outside of the basic plane as inside', () => {
    for (const character of ['x', 'é', '語', '🙂', '\u{10ffff}']) {
      expect(isSendableText(character.repeat(140), 140)).toBe(true);
      expect(isSendableText(character.repeat(141), 140)).toBe(false);
    }
    expect(isSendableText(`${'🙂'.repeat(139)}xy`, 140)).toBe(false);
  });

  it('has no lone surrogate anywhere', () => {
    const surrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => {
      return String.fromCharCode(unit);
    });
    fc.assert(
      fc.property(visible, surrogate, visible, (before, lone, after) => {
        expect(isSendableText(`${before}${lone}${after}`, 10_000)).toBe(false);
        expect(isSendableText(lone, 10_000)).toBe(false);
      }),
    );
  });

  it('has no NUL anywhere', () => {
    fc.assert(
      fc.property(visible, visible, (before, after) => {
        expect(isSendableText(`${before}\0${after}`, 10_000)).toBe(false);
      }),
    );
  });

  it('is not only white space', () => {
    const space = fc.constantFrom(
      ...Array.from(' \t\n\v\f\r\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\ufeff'),
    );
    fc.assert(
      fc.property(fc.string({ unit: space }), visible, (blank, text) => {
        expect(isSendableText(blank, 10_000)).toBe(false);
        expect(isSendableText(`${blank}${text}${blank}`, 10_000)).toBe(true);
      }),
    );
  });
});

describe('an envelope of an encrypted chat', () => {
  it('has 1 to 1200 characters of its alphabet', () => {
    const unit = fc.constantFrom(
      ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-'),
    );
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 1200 }), (text) => {
        expect(isEnvelope(text)).toBe(true);
      }),
    );
    expect(isEnvelope('')).toBe(false);
    expect(isEnvelope('x'.repeat(1200))).toBe(true);
    expect(isEnvelope('x'.repeat(1201))).toBe(false);
  });

  it('has no other character, not even a line break at its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (character) => {
        fc.pre(!/^[\w.-]$/.test(character));
        expect(isEnvelope(`a${character}b`)).toBe(false);
        expect(isEnvelope(`ab${character}`)).toBe(false);
      }),
    );
    expect(isEnvelope('ab\n')).toBe(false);
  });
});
