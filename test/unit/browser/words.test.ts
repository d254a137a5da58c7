import type { ChatState } from '../../../src/client/api/answers.ts';
import { noAnswer } from '../../../src/client/api/no-answer.ts';
import {
  describeCreateFailure,
  describeExpiry,
  describeFailure,
  describeJoinFailure,
  describePresence,
  describeRefusal,
  describeSendTrouble,
  describeTrouble,
  pageTitle,
} from '../../../src/browser/room/words.ts';
import { Failure, failures } from '../../../src/chat/failures.ts';

const answeredAt = Date.parse('2026-01-01T12:00:00Z');
const state = (changes: Partial<ChatState>): ChatState => ({
  status: 'ready',
  participants: 2,
  expires: '',
  talker: { present: false, lastSeen: null },
  answeredAt,
  ...changes,
});
const seen = (lastSeen: string): ChatState => state({ talker: { present: false, lastSeen } });

describe('the sentence for a failed join', () => {
  test.each([400, 401, 404])('asks to check the code after %i', (code) => {
    expect(describeJoinFailure(new Failure(code, ''))).toMatch(/No chat has this code/);
  });

  test('says that an invitation works once', () => {
    expect(describeJoinFailure(new Failure(410, ''))).toMatch(/already been used/);
  });

  test('tells an invitation that is over from one that was used', () => {
    expect(describeJoinFailure(failures.invitationOver())).toMatch(/is over/);
    expect(describeJoinFailure(failures.invitationUsed())).toMatch(/already been used/);
  });

  test('says how long to wait', () => {
    expect(describeJoinFailure(failures.tooManyRequests(1_000))).toMatch(/in 1 second\./);
    expect(describeFailure(failures.tooManyRequests(20_000))).toMatch(/in 20 seconds\./);
    expect(describeFailure(new Failure(503, ''))).toMatch(/in a moment\./);
    expect(describeFailure(failures.unavailable(150_000))).toMatch(/in 3 minutes\./);
  });

  test('says how often the page has tried, and that trying again is safe', () => {
    for (const describe of [describeCreateFailure, describeJoinFailure]) {
      expect(describe(noAnswer())).toMatch(
        /did not answer, after 4 tries.*you go on where you were/,
      );
    }
  });

  test('says that there is no connection', () => {
    expect(describeFailure(noAnswer())).toMatch(/cannot be reached/);
  });
});

describe('the sentence for trouble in the chat', () => {
  test.each([0, 404, 409, 410, 429, 500, 503])('exists for %i and is one', (code) => {
    expect(describeTrouble(new Failure(code, ''))).toMatch(/^[A-Z].*\.$/);
    expect(describeSendTrouble(new Failure(code, ''))).toMatch(/^[A-Z].*\.$/);
  });

  test('names the full inbox', () => {
    expect(describeSendTrouble(failures.inboxFull())).toMatch(
      /has not read your last 200 messages/,
    );
  });

  test('gives the reason of a refused message', () => {
    expect(describeRefusal(failures.badRequest('blank message'))).toBe(
      'the server refused it (blank message)',
    );
    expect(describeRefusal(new Failure(400, 'Bad Request'))).toBe('the server refused it');
    expect(describeRefusal(failures.payloadTooLarge())).toBe('it is too long');
  });
});

describe('the presence of the talker', () => {
  test('is awaited before the join', () => {
    expect(describePresence(state({ status: 'draft', participants: 1 }))).toMatch(/^Waiting/);
  });

  test.each([
    ['2026-01-01T12:00:00Z', 'Talker was last seen less than 2 min ago'],
    ['2026-01-01T11:59:00Z', 'Talker was last seen less than 2 min ago'],
    ['2026-01-01T11:58:00Z', 'Talker was last seen about 2 min ago'],
    ['2026-01-01T11:01:00Z', 'Talker was last seen about 59 min ago'],
    ['2026-01-01T11:00:00Z', 'Talker was last seen about 1 h ago'],
    ['2026-01-01T09:00:00Z', 'Talker was last seen about 3 h ago'],
    ['2026-01-01T08:10:00Z', 'Talker was last seen about 4 h ago'],
    ['2026-01-01T12:01:00Z', 'Talker was last seen less than 2 min ago'],
    ['never', 'Talker is away'],
  ])('last seen %s', (lastSeen, sentence) => {
    expect(describePresence(seen(lastSeen))).toBe(sentence);
  });

  test.each([0, 1, 59, 60, 61, 119, 120, 121, 179, 180, 3_500])(
    'is never told wrongly by a moment that is cut to the minute: %i s ago',
    (seconds) => {
      for (let phase = 0; phase < 60; phase += 1) {
        const now = answeredAt + phase * 1_000;
        const cut = Math.floor((now - seconds * 1_000) / 60_000) * 60_000;
        const lastSeen = new Date(cut).toISOString();
        const sentence = describePresence({ ...seen(lastSeen), answeredAt: now });
        const [, limit] = /less than (\d+) min ago$/.exec(sentence) ?? [];
        const [, about] = /about (\d+) min ago$/.exec(sentence) ?? [];
        const [least, most] =
          limit === undefined ? [Number(about) - 1, Number(about) + 1] : [0, Number(limit)];
        expect(seconds / 60).toBeGreaterThanOrEqual(least);
        expect(seconds / 60).toBeLessThan(most);
      }
    },
  );

  test('is plain when the talker is here', () => {
    const present = state({ talker: { present: true, lastSeen: null } });
    expect(describePresence(present)).toBe('Talker is here');
  });
});

describe('other words', () => {
  test('the title counts what is unread', () => {
    expect(pageTitle(0)).toBe('Chat - SFChat');
    expect(pageTitle(2)).toBe('(2) Chat - SFChat');
  });

  test('the end of the chat is a day and a time', () => {
    expect(describeExpiry('2026-01-01T12:00:00.000Z')).toMatch(
      /^Ends \w{3},? \d\d:\d\d at the latest$/,
    );
    expect(describeExpiry('')).toBe('');
  });
});
