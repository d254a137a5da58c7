/** A short, soft sound, made here: nothing is fetched. */
export interface Chime {
  play(): void;
}

// A burst of messages is one sound.
const REST_MS = 1_500;

const NOTES = [
  { hertz: 660, at: 0 },
  { hertz: 880, at: 0.09 },
];
const LASTS_S = 0.18;
const LOUDNESS = 0.08;

/** Creates the sound. Browsers allow it only after somebody has touched the page, so the first touch wakes it. */
export function createChime(): Chime {
  let context: AudioContext | undefined;
  let playedAt = -Infinity;

  const wake = (): void => {
    context ??= new AudioContext();
    context.resume().catch(() => undefined);
  };
  for (const event of ['pointerdown', 'keydown']) {
    window.addEventListener(event, wake, { once: true, capture: true });
  }

  return {
    play() {
      if (!context || performance.now() - playedAt < REST_MS) return;
      playedAt = performance.now();
      wake();
      try {
        for (const note of NOTES) playNote(context, note);
      } catch {
        // A machine without sound is no reason to miss what the sound is for.
      }
    },
  };
}

function playNote(context: AudioContext, { hertz, at }: (typeof NOTES)[number]): void {
  const begin = context.currentTime + at;
  const tone = context.createOscillator();
  tone.frequency.value = hertz;
  const loudness = context.createGain();
  loudness.gain.setValueAtTime(0, begin);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.01);
  loudness.gain.exponentialRampToValueAtTime(0.001, begin + LASTS_S);
  tone.connect(loudness).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + LASTS_S);
}
