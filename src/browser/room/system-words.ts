import { t } from '../../messages/translate.ts';
import type { SystemEvent } from '../../protocol.ts';

/** A system message in the language of the page, by its event; one of an unknown event as the server says it. */
export function describeSystemMessage(msg: string, event: SystemEvent | undefined): string {
  switch (event) {
    case undefined:
      return msg;
    case 'created': {
      // Only that of a plain chat names its code.
      const [code] = /\b[0-9a-f]{24}\b/.exec(msg) ?? [];
      return code === undefined ? t('event.created') : t('event.createdPlain', { code });
    }
    case 'closed':
      return t(msg.includes('by Talker') ? 'event.closedByTalker' : 'event.closedByYou');
    default:
      return t(`event.${event}`);
  }
}
