import { formatLine, formatTime, type Entry } from '../../../src/browser/session/transcript.ts';

const at = new Date(2026, 0, 2, 4, 3, 7).getTime();
const entry = (author: Entry['author'], text: string): Entry => ({ id: text, author, text, at });

describe('a line of the conversation', () => {
  test('has the local time as 24 hours, padded with zeros', () => {
    expect(formatTime(at)).toBe('04:03:07');
    expect(formatTime(new Date(2026, 0, 2, 14, 30, 9).getTime())).toBe('14:30:09');
  });

  test('names the person, seen from this side', () => {
    expect(formatLine(entry('you', 'Hi'))).toBe('[04:03:07] You: Hi');
    expect(formatLine(entry('talker', 'Hi'))).toBe('[04:03:07] Talker: Hi');
  });

  test('has three dots in place of stamp and name within a run of the same person', () => {
    expect(formatLine(entry('you', 'again'), entry('you', 'Hi'))).toBe('... again');
    expect(formatLine(entry('talker', 'again'), entry('talker', 'Hi'))).toBe('... again');
  });

  test('begins a new run after the other person', () => {
    expect(formatLine(entry('you', 'Hi'), entry('talker', 'Hi'))).toBe('[04:03:07] You: Hi');
  });

  test('begins a new run after a system message', () => {
    expect(formatLine(entry('you', 'Hi'), entry('system', 'x'))).toBe('[04:03:07] You: Hi');
  });

  test('borders a system message with asterisks, also after another one', () => {
    const line = '*** Chat is ready to use ***';
    expect(formatLine(entry('system', 'Chat is ready to use'))).toBe(line);
    expect(formatLine(entry('system', 'Chat is ready to use'), entry('system', 'x'))).toBe(line);
  });
});
