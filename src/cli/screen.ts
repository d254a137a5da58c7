import type { ChatEvent } from '../client/index.ts';

/** Where a chat is shown. */
export interface Screen {
  show(event: ChatEvent): void;
  /** Something that is no event of the chat; scripts that read JSON are not told. */
  say(text: string): void;
  /** The end: nothing is shown any more. */
  end(): void;
}
