import type { ChatState } from '../../../src/client/api/answers.ts';
import { noAnswer } from '../../../src/client/api/no-answer.ts';
import {
  describeAbsence,
  describeCreateFailure,
  describeFailure,
  describeJoinFailure,
  describeRefusal,
  describeSendTrouble,
  describeTalker,
  describeTrouble,
} from '../../../src/browser/room/words.ts';
import { awayOf } from '../../../src/browser/room/talker.ts';
import { Failure, failures } from '../../../src/chat/failures.ts';

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

describe('the line about the talker', () => {
  const noon = new Date(2026, 0, 1, 12).getTime();
  const minutes = (count: number): number => noon + count * 60_000;

  test.each([
    ['invited', 'Waiting for Talker to join'],
    ['unknown', ''],
    ['here', 'Talker is here'],
    ['typing', 'Talker is typing…'],
    ['away', 'Talker is away'],
  ] as const)('says of %s: %s', (kind, sentence) => {
    expect(describeTalker({ kind }, noon)).toBe(sentence);
  });

  test('says since when somebody is away, and how long the chat waits', () => {
    const away = { kind: 'away', since: minutes(5), until: minutes(65) } as const;
    expect(describeTalker(away, minutes(20))).toBe(
      'Talker is away since 12:05. The chat waits until 13:05.',
    );
  });

  test('names the day where it is another one', () => {
    const away = { kind: 'away', since: minutes(-13 * 60), until: minutes(11 * 60) } as const;
    expect(describeTalker(away, noon)).toBe(
      'Talker is away since Wed 23:00. The chat waits until 23:00.',
    );
  });

  test('says that a chat waits to its end', () => {
    expect(describeTalker({ kind: 'away', since: noon }, noon)).toMatch(/waits to its end\.$/);
  });
});

describe('somebody who is away', () => {
  const state = (changes: Partial<ChatState>): ChatState => ({
    status: 'ready',
    participants: 2,
    absenceCloseAfter: 3_600,
    expires: '2026-01-02T10:00:00Z',
    talker: { present: false, lastSeen: '2026-01-01T12:05:00Z' },
    answeredAt: Date.parse('2026-01-01T12:20:00Z'),
    ...changes,
  });
  const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

  test('was there last when the server says, and is waited for as long as was agreed', () => {
    const away = { kind: 'away', since: at('12:05:00'), until: at('13:05:00') };
    expect(awayOf(state({}), at('12:20:01'))).toEqual(away);
  });

  test('is told by the clock of this browser, however wrong that is', () => {
    const away = { kind: 'away', since: at('14:05:00'), until: at('15:05:00') };
    expect(awayOf(state({}), at('14:20:00'))).toEqual(away);
  });

  test('is waited for to the end where that comes first', () => {
    const talker = { present: false, lastSeen: '2026-01-02T09:30:00Z' };
    const answeredAt = Date.parse('2026-01-02T09:40:00Z');
    const away = awayOf(state({ talker, answeredAt }), answeredAt);
    expect(away).toEqual({ kind: 'away', since: Date.parse('2026-01-02T09:30:00Z') });
  });

  test('has no time where the server has never seen them', () => {
    const talker = { present: false, lastSeen: null };
    expect(awayOf(state({ talker }), 0)).toEqual({ kind: 'away' });
  });
});

describe('other words', () => {
  test.each([
    [60, 'If one of you is away for 1 minute, this chat closes for both.'],
    [90, 'If one of you is away for 2 minutes, this chat closes for both.'],
    [360, 'If one of you is away for 6 minutes, this chat closes for both.'],
    [3_600, 'If one of you is away for 1 hour, this chat closes for both.'],
    [86_400, 'This chat waits for both of you until its end, however long one is away.'],
    [undefined, ''],
  ])('how long one may be away, %p s', (seconds, sentence) => {
    expect(describeAbsence(seconds)).toBe(sentence);
  });
});
