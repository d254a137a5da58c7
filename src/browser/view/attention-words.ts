import { t } from '../../messages/translate.ts';
import type { AttentionTexts } from './attention.ts';

/** What title and notifications say; never a text of the conversation. */

export const ATTENTION_TEXTS: AttentionTexts = {
  title(occasion, unread) {
    const isNews = occasion === 'joined' || occasion === 'closed';
    const title = t(isNews ? `title.${occasion}` : 'title.chat');
    return unread > 0 ? t('title.unread', { count: unread, title }) : title;
  },
  notification: (occasion) => t(`notification.${occasion}`),
};
