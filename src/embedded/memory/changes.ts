import type { Role } from '../../chat/chat.ts';
import type { KeptChat, KeptMessage } from './kept-chat.ts';

/** What a step changed of that which must last, told as it happens. */
export interface Changes {
  /** A chat is new, or something about it has changed. */
  putChat(kept: KeptChat): void;
  removeChat(kept: KeptChat): void;
  putMessage(kept: KeptChat, to: Role, message: KeptMessage): void;
  /** A message was delivered: its text goes, but its id is remembered. */
  eraseText(place: number): void;
  /** Nothing stays of a message. */
  removeMessage(place: number): void;
  /** `number`: that of the removed chat. */
  putInvitation(number: number, hash: string, removed: number): void;
  removeInvitation(number: number): void;
}

const nothing = (): void => undefined;

/** For chats that are in memory only. */
export const forgetChanges: Changes = {
  putChat: nothing,
  removeChat: nothing,
  putMessage: nothing,
  eraseText: nothing,
  removeMessage: nothing,
  putInvitation: nothing,
  removeInvitation: nothing,
};
