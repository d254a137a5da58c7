import type { Request } from 'express';
import {
  DEFAULT_LANGUAGE,
  LANGUAGE_COOKIE,
  languageCodes,
  type Language,
} from '../../messages/languages.ts';

const COOKIE = new RegExp(`(?:^|;\\s*)${LANGUAGE_COOKIE}=([a-z]{2})(?:;|$)`);

/** What {@link languageFor} looks at, as `Vary` says it. */
export const LANGUAGE_DEPENDS_ON = 'Accept-Language, Cookie';

/** The language that a person has chosen, or else the first of the browser's that there is. */
export function languageFor(req: Request): Language {
  const [, chosen] = COOKIE.exec(req.get('cookie') ?? '') ?? [];
  const known = languageCodes.find((code) => code === chosen);
  return known ?? languageCodes.find((code) => code === preferred(req)) ?? DEFAULT_LANGUAGE;
}

const preferred = (req: Request): string | false => req.acceptsLanguages(...languageCodes);
