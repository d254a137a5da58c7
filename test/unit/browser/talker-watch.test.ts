import type { ChatState } from '../../../src/client/api/answers.ts';
import { createTalkerWatch } from '../../../src/browser/room/talker-watch.ts';
import { TYPING_SHOWN_MS } from '../../../src/protocol.ts';
import { PageClock } from './support.ts';

function rig() {
  const clock = new PageClock();
  const shown: string[] = [];
  let asked = 0;
  const talker = createTalkerWatch({
    clock,
    roundTripMs: () => 20,
    showsTyping: () => true,
    onChange: () => shown.push(talker.now().kind),
    onAway: () => (asked += 1),
  });
  return { clock, talker, shown, asked: () => asked };
}

const types = { present: true, typing: true };
const silent = { present: true, typing: false };

describe('the talker of a chat', () => {
  test('types no more when what was typed has come, whatever the server still believes', async () => {
    const { clock, talker } = rig();
    talker.answered(types, false);
    expect(talker.now().kind).toBe('typing');
    talker.answered(types, true);
    expect(talker.now().kind).toBe('here');
    await clock.advance(TYPING_SHOWN_MS - 1);
    expect(talker.now().kind).toBe('here');
  });

  test('is shown to type on when the server says so for longer than one signal lasts', async () => {
    const { clock, talker, shown } = rig();
    talker.answered(types, true);
    await clock.advance(TYPING_SHOWN_MS);
    expect(shown.at(-1)).toBe('typing');
  });

  test('is shown to type again at once after the server has said that they do not', () => {
    const { talker } = rig();
    talker.answered(types, true);
    talker.answered(silent, false);
    talker.answered(types, false);
    expect(talker.now().kind).toBe('typing');
  });

  test('is shown that one is here by short polls as long as they may look, and only then', () => {
    const { talker } = rig();
    expect(talker.asking()).toEqual({});
    talker.answered(silent, false);
    expect(talker.asking()).toEqual({ present: true, typing: false, hold: 1.5 });
    talker.answered({ present: false, typing: false }, false);
    expect(talker.asking()).toEqual({ present: false, typing: false });
  });

  test('who went is away only after some patience, and then it is asked since when', async () => {
    const { clock, talker, asked } = rig();
    talker.answered(silent, false);
    talker.answered({ present: false, typing: false }, false);
    expect([talker.now().kind, asked()]).toEqual(['here', 0]);
    await clock.advance(4_000);
    expect([talker.now().kind, asked()]).toEqual(['away', 1]);
    const seen = clock.now() - 60_000;
    talker.stated({
      status: 'ready',
      encrypted: true,
      participants: 2,
      absenceCloseAfter: 360,
      created: new Date(seen).toISOString(),
      expires: new Date(seen + 86_400_000).toISOString(),
      talker: { present: false, lastSeen: new Date(seen).toISOString() },
      answeredAt: clock.now(),
    } as ChatState);
    expect(talker.now()).toEqual({ kind: 'away', since: seen, until: seen + 360_000 });
  });
});
