import { newToken } from '../../client/api/token.ts';
import { t } from '../../messages/translate.ts';
import type { NewLine } from '../session/conversation.ts';
import { describeAbsence } from './words.ts';

/** What this page itself says in the conversation: about the chat here, not about something that arrived. */

/**
 * What is told before anything else is said.
 *
 * @param absenceCloseAfter seconds that one may be away before the chat is closed; both are told, once
 * @param haveKeysGone the keys that this tab had are gone, and with them what was said
 */
export function openingNotices(
  absenceCloseAfter: number | undefined,
  haveKeysGone: boolean,
): NewLine[] {
  const absence = describeAbsence(absenceCloseAfter);
  return [
    ...(haveKeysGone ? [notice(newToken(), t('keys.lostByReload'))] : []),
    ...(absence === '' ? [] : [notice('absence', absence)]),
  ];
}

/** What was said in the other tab cannot be had. */
export const otherTabGone = (): NewLine => notice(newToken(), t('log.otherTabGone'));

const notice = (id: string, text: string): NewLine => ({ id, author: 'notice', text });
