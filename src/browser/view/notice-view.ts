import { t } from '../../messages/translate.ts';
import { goHome } from '../session/navigation.ts';
import { byId, setText } from './elements.ts';

/** What takes the place of the message field when this tab cannot go on. */
export interface NoticeView {
  showSuperseded(): void;
  /** `stays`: there is something on the page that somebody may still want. */
  showEnd(text: string, stays: boolean): void;
  hide(): void;
}

const SECONDS_UNTIL_HOME = 30;

/** Finds the notice on the page. */
export function createNoticeView(onUseHere: () => void): NoticeView {
  const notice = byId('notice', HTMLElement);
  const text = byId('notice-text', HTMLParagraphElement);
  const useHere = byId('use-here', HTMLButtonElement);
  const home = byId('go-home', HTMLAnchorElement);

  const show = (sentence: string): void => {
    notice.hidden = false;
    setText(text, sentence);
    // On the sentence, not on a button: somebody in the middle of typing would press it.
    text.focus();
  };

  useHere.addEventListener('click', onUseHere);
  home.addEventListener('click', (event) => {
    event.preventDefault();
    goHome();
  });

  return {
    showSuperseded() {
      useHere.hidden = false;
      show(t('end.superseded'));
    },
    showEnd(sentence, stays) {
      useHere.hidden = true;
      home.hidden = false;
      show(sentence);
      if (!stays) countDownToHome();
    },
    hide() {
      notice.hidden = true;
      setText(text, '');
    },
  };
}

/**
 * Goes home by itself after some time in which everybody can read; or not, for those who need longer. Only
 * time in which the page is looked at counts, and it counts anew after each absence.
 */
function countDownToHome(): void {
  const line = byId('notice-countdown', HTMLParagraphElement);
  const stay = byId('stay', HTMLButtonElement);
  let left = SECONDS_UNTIL_HOME;
  const show = (): void => {
    setText(line, t('end.countdown', { seconds: left }));
  };
  const ticking = setInterval(() => {
    if (document.hidden) left = SECONDS_UNTIL_HOME + 1;
    left -= 1;
    show();
    if (left <= 0) {
      clearInterval(ticking);
      goHome();
    }
  }, 1_000);
  show();
  stay.hidden = false;
  stay.addEventListener('click', () => {
    clearInterval(ticking);
    setText(line, '');
    stay.hidden = true;
    byId('go-home', HTMLAnchorElement).focus();
  });
}
