import { createServerProbe } from '../../src/client/connection/server-probe.ts';
import { ManualClock } from '../support/manual-clock.ts';

function rig(random: () => number) {
  const clock = new ManualClock();
  const state = { answers: false, isVisible: true, asked: 0, noticed: 0 };
  const probe = createServerProbe({
    clock,
    random,
    isVisible: () => state.isVisible,
    ask() {
      state.asked += 1;
      return state.answers ? Promise.resolve(true) : Promise.reject(new Error('unreachable'));
    },
    onAnswer: () => (state.noticed += 1),
  });
  return { clock, state, probe };
}

/** Moves on in small steps, so that what is answered is dealt with in between. */
async function pass(clock: ManualClock, milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a server that is away', () => {
  test.each([0, 0.5, 0.999])(
    'is noticed within three seconds of coming back: %f',
    async (jitter) => {
      const { clock, state, probe } = rig(() => jitter);
      probe.start();
      await pass(clock, 20_000);
      expect(state.noticed).toBe(0);
      state.answers = true;
      await pass(clock, 3_000);
      expect(state.noticed).toBe(1);
    },
  );

  test('is asked no more once it answers, or once nobody wants to know', async () => {
    const { clock, state, probe } = rig(() => 0);
    state.answers = true;
    probe.start();
    await pass(clock, 10_000);
    expect(state).toMatchObject({ asked: 1, noticed: 1 });
    probe.start();
    probe.stop();
    await pass(clock, 10_000);
    expect(state.asked).toBe(1);
  });

  test('is left alone by pages that nobody sees', async () => {
    const { clock, state, probe } = rig(() => 0);
    state.isVisible = false;
    probe.start();
    await pass(clock, 10_000);
    expect(state.asked).toBe(0);
  });

  test('is not asked by all pages in the same moment', async () => {
    const times: number[] = [];
    for (const jitter of [0, 0.3, 0.6, 0.9]) {
      const { clock, state, probe } = rig(() => jitter);
      probe.start();
      let passed = 0;
      while (state.asked === 0) {
        await pass(clock, 100);
        passed += 100;
      }
      times.push(passed);
    }
    expect(new Set(times).size).toBe(4);
  });
});
