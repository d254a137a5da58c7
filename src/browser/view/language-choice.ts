import { LANGUAGE_COOKIE } from '../../messages/languages.ts';
import { byId } from './elements.ts';

const ONE_YEAR_S = 365 * 24 * 60 * 60;

/**
 * Shows the choice of a language. It is remembered in a cookie of this site, which has nothing but the name of the
 * language: the server must know it to send the page in it, from the first word.
 *
 * @param beforeReload keeps what the person has begun
 */
export function enableLanguageChoice(beforeReload: () => void = () => undefined): void {
  const select = byId('language', HTMLSelectElement);
  byId('language-choice', HTMLDivElement).hidden = false;
  select.addEventListener('change', () => {
    document.cookie = `${LANGUAGE_COOKIE}=${select.value}; Path=/; Max-Age=${ONE_YEAR_S}; SameSite=Strict`;
    beforeReload();
    location.reload();
  });
}
