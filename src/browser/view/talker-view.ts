import type { Talker } from '../room/talker.ts';
import { describeTalker } from '../room/words.ts';
import { t } from '../../messages/translate.ts';
import { byId, setText } from './elements.ts';

/** The line that says where the talker is. */
export interface TalkerView {
  set: (talker: Talker) => void;
  /** Says something else in its place. */
  say: (text: string) => void;
}

/** Finds the line on the page. */
export function createTalkerView(): TalkerView {
  const line = byId('presence', HTMLParagraphElement);
  const status = byId('presence-status', HTMLParagraphElement);
  let announced: Talker['kind'] | undefined;

  /** Heard when somebody comes or goes, and not for each detail. */
  const announce = (kind: Talker['kind']): void => {
    if (kind !== 'here' && kind !== 'away') return;
    // Being here at first is no news: the log says who has joined.
    if (announced !== undefined && announced !== kind) {
      setText(status, t(kind === 'here' ? 'presence.here' : 'presence.away'));
    }
    announced = kind;
  };

  return {
    set(talker) {
      line.dataset['kind'] = talker.kind;
      setText(line, describeTalker(talker, Date.now()));
      announce(talker.kind);
    },
    say(text) {
      line.dataset['kind'] = 'unknown';
      setText(line, text);
    },
  };
}
