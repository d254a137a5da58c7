import type { Role } from '../../chat/chat.ts';
import type { Token } from '../../protocol.ts';
import type { KeptChat, KeptMessage } from './kept-chat.ts';

/** What a step changed of that which must last, told as it happens. */
export interface Changes {
  /** A chat is new, or something about it has changed. */
  putChat(kept: KeptChat): void;
  removeChat(kept: KeptChat): void;
  putMessage(kept: KeptChat, to: Role, message: KeptMessage): void;
  removeMessage(message: KeptMessage): void;
  putSentId(kept: KeptChat, by: Role, id: Token, place: number): void;
  removeSentId(place: number): void;
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
  removeMessage: nothing,
  putSentId: nothing,
  removeSentId: nothing,
  putInvitation: nothing,
  removeInvitation: nothing,
};
