import type { HandshakeFailure, Refusal, SecureEvent } from '../../crypto/index.ts';
import { t, type MessageKey } from '../../messages/translate.ts';
import type { News } from '../../client/connection/line.ts';
import type { NewLine } from '../session/conversation.ts';
import { describeSystemMessage } from './system-words.ts';

/** What the page says about encryption: pure functions from what happened to sentences. */

const FAILURES: Record<HandshakeFailure, MessageKey> = {
  'wrong commitment': 'handshake.commitment',
  'wrong authentication': 'handshake.authentication',
  'wrong public key': 'handshake.publicKey',
  'malformed step': 'handshake.malformed',
  'too many handshakes': 'handshake.tooMany',
};

const REFUSALS: Record<Refusal, MessageKey> = {
  'not encrypted': 'ignored.notEncrypted',
  'unknown kind': 'ignored.unknownKind',
  'unexpected step': 'ignored.unexpectedStep',
  'forged restart': 'ignored.forgedRestart',
  'too many handshakes': 'ignored.tooMany',
};

/** The warning that an event is; undefined for the ordinary ones. */
export function warningOf(event: SecureEvent): string | undefined {
  switch (event.type) {
    case 'handshake failed':
      return t(event.final ? 'keys.failed' : 'keys.failedAgain', {
        reason: t(FAILURES[event.reason]),
      });
    case 'missing':
      return t('message.missing', { count: event.to - event.from });
    case 'unreadable':
      return t('message.unreadable');
    case 'refused':
      return t(REFUSALS[event.reason]);
    default:
      return undefined;
  }
}

/** The lines that something which arrived is in the conversation. */
export function describeNews(news: News): NewLine[] {
  if (news.kind === 'secure') return describeEvent(news.event, news.id);
  const { id, text } = news;
  return news.kind === 'system'
    ? [{ id, author: 'system', text: describeSystemMessage(text, news.event) }]
    : [{ id, author: 'talker', text }];
}

function describeEvent(event: SecureEvent, messageId: string): NewLine[] {
  switch (event.type) {
    case 'text': {
      const id = `${event.epoch}.${event.sequence}`;
      const line: NewLine = { id, author: 'talker', text: event.text };
      return event.late ? [line, notice(`${id}.late`, t('message.late'))] : [line];
    }
    case 'secured':
      return [
        notice(`${event.epoch}.secured`, t(event.again ? 'keys.securedAgain' : 'keys.secured')),
      ];
    case 'confirmed':
      return [];
    case 'missing':
      return [warning(`${event.epoch}.${event.from}.missing`, warningOf(event) ?? '')];
    default:
      return [warning(`${messageId}.${event.type}`, warningOf(event) ?? '')];
  }
}

const notice = (id: string, text: string): NewLine => ({ id, author: 'notice', text });

const warning = (id: string, text: string): NewLine => ({ ...notice(id, text), warning: true });
