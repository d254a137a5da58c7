import { andThen } from '../chat/soon.ts';
import type { TypingSignals } from '../chat/typing.ts';
import type { Hearing } from './redis/hearing.ts';

/**
 * Typing signals, with "nobody types" read from memory while the bus vouches for it: whoever begins wakes their
 * talker. Only that is kept; a lost wake-up hides somebody's typing until they repeat it.
 *
 * @param hearing of whoever is shown the signals; what it keeps must end with a wake-up that says `typing`
 */
export const withTypingMemory = (
  typing: TypingSignals,
  hearing: Hearing<'nobody types'>,
): TypingSignals => ({
  begin: (who, at) => typing.begin(who, at),
  end: (who) => typing.end(who),
  until: (who, now, reader) => {
    if (reader === undefined) return typing.until(who, now);
    if (hearing.kept(reader) !== undefined) return null;
    const mark = hearing.mark(reader);
    return andThen(typing.until(who, now), (until) => {
      if (until === null) hearing.keep(reader, mark, 'nobody types');
      return until;
    });
  },
});
