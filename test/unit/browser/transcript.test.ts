import { continuesRun, type Entry } from '../../../src/browser/session/transcript.ts';

const noon = new Date(2026, 0, 2, 12).getTime();
const entry = (author: Entry['author'], at = noon): Entry => ({ id: 'x', author, text: 'x', at });

describe('a run of lines', () => {
  test('is what one person says without a break', () => {
    expect(continuesRun(entry('you'), entry('you'))).toBe(true);
    expect(continuesRun(entry('talker'), entry('talker'))).toBe(true);
  });

  test('ends with the other person, and with whatever is said in between', () => {
    expect(continuesRun(entry('you'), undefined)).toBe(false);
    expect(continuesRun(entry('you'), entry('talker'))).toBe(false);
    expect(continuesRun(entry('you'), entry('system'))).toBe(false);
    expect(continuesRun(entry('you'), entry('notice'))).toBe(false);
  });

  test('is only of people', () => {
    expect(continuesRun(entry('system'), entry('system'))).toBe(false);
  });

  test('ends with the day', () => {
    expect(continuesRun(entry('you', noon + 86_400_000), entry('you'))).toBe(false);
  });
});
