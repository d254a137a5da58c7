import { Conversation } from './campaign/conversation.ts';
import { randomFrom } from './campaign/stage.ts';
import type { Wire } from './campaign/wire.ts';
import { judge, verdicts, type Verdict } from './history/judge.ts';

export interface Talked {
  readonly found: readonly Verdict[];
  readonly surprises: readonly string[];
}

/** Has two people talk as in a campaign, and judges what they saw. */
export async function talk(
  wire: Wire,
  onAccepted: (count: number) => void = () => undefined,
): Promise<Talked> {
  const surprises: string[] = [];
  const conversation = new Conversation({
    number: 1,
    wire,
    ways: { creator: 'rest', joiner: 'rest' },
    messages: 12,
    paceMs: 5,
    random: randomFrom(1),
    onAccepted,
    onSurprise: (what) => surprises.push(what),
    signal: new AbortController().signal,
  });
  await conversation.run();
  await wire.close();
  const judgement = judge(conversation.recorder);
  return { found: verdicts.filter((verdict) => judgement[verdict].length > 0), surprises };
}
