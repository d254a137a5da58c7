import type { Writable } from 'node:stream';
import type { ChatEvent } from '../client/index.ts';
import type { Screen } from './screen.ts';
import { describeClosed, describeRefusal, describeWarning } from './sentences.ts';
import { visible } from './visible.ts';

/** One plain line for each event, `name: what`, for pipes and files. */
export function createPlainScreen(output: Writable): Screen {
  const write = (line: string): void => {
    output.write(`${line}\n`);
  };
  const texts = new Map<string, string>();
  return {
    show(event) {
      if (event.event === 'sent') texts.set(event.id, event.text);
      for (const line of linesOf(event, texts)) write(line);
    },
    say(text) {
      write(`note: ${text}`);
    },
    end: () => undefined,
  };
}

function linesOf(event: ChatEvent, texts: ReadonlyMap<string, string>): readonly string[] {
  switch (event.event) {
    case 'invitation':
      return [`code: ${event.code}`, `link: ${event.link}`];
    case 'joined':
      return ['joined: both are here'];
    case 'secure':
      return [`secure: ${event.words.join(' ')}`];
    case 'message':
      return [`talker: ${visible(event.text)}`];
    case 'sent':
      return [`sent: ${visible(event.text)}`];
    case 'delivered': {
      const what = event.confirmed ? 'confirmed' : 'delivered';
      return [`${what}: ${visible(texts.get(event.id) ?? '')}`];
    }
    case 'refused':
      return [`refused: ${visible(event.text)} (${visible(describeRefusal(event.reason))})`];
    case 'system':
      return [`system: ${visible(event.text)}`];
    case 'warning':
      return [`warning: ${describeWarning(event)}`];
    case 'connection':
      return [event.connected ? 'connection: back' : 'connection: lost, trying again'];
    case 'closed':
      return [`closed: ${describeClosed(event.reason)}`];
  }
}
