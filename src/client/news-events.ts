import { verificationWords } from '../crypto/words.ts';
import type { SecureEvent } from '../crypto/index.ts';
import type { News } from './connection/line.ts';
import type { ChatEvent } from './events.ts';

/** What something that arrived is for the user of the client; what only confirms is told by deliveries. */
export function eventsOf(news: News): readonly ChatEvent[] {
  switch (news.kind) {
    case 'system':
      return [{ event: 'system', name: news.event ?? 'unknown', text: news.text }];
    case 'plain':
      return [{ event: 'message', id: news.id, text: news.text }];
    case 'secure':
      return ofSecure(news.event);
  }
}

function ofSecure(event: SecureEvent): readonly ChatEvent[] {
  switch (event.type) {
    case 'text': {
      const { epoch, sequence, text, late } = event;
      // By these, and not by an id that the server chooses, a message is told from others.
      return [{ event: 'message', id: `${epoch}.${sequence}`, text, ...(late && { late }) }];
    }
    case 'secured': {
      const words = verificationWords(event.words);
      return [{ event: 'secure', words, ...(event.again && { again: true }) }];
    }
    case 'handshake failed': {
      const { reason: detail, final } = event;
      return [{ event: 'warning', reason: 'handshake failed', detail, final }];
    }
    case 'missing':
      return [{ event: 'warning', reason: 'missing', count: event.to - event.from }];
    case 'unreadable':
      return [{ event: 'warning', reason: 'unreadable' }];
    case 'refused':
      return [{ event: 'warning', reason: event.reason }];
    case 'confirmed':
      return [];
  }
}
