import type { Message, SystemEvent, Token } from '../protocol.ts';
import { newToken } from './chat.ts';

/** What a system message says (protocol.md, "System messages"). Plain text, no markup. */
const texts = {
  joined: 'Talker was successfully joined to chat',
  ready: 'Chat is ready to use',
  absent: 'Thank you for using SFChat. Chat was closed automatically: Talker left.',
  expired: 'Thank you for using SFChat. Current chat was successfully closed automatically.',
  intruder: 'Someone else tried to use your invitation.',
} as const satisfies Partial<Record<SystemEvent, string>>;

const systemMessage = (event: SystemEvent, msg: string): Message => ({
  _id: newToken(),
  msg,
  system: true,
  event,
});

/** A new system message whose text does not depend on the reader. */
export const notice = (event: keyof typeof texts): Message => systemMessage(event, texts[event]);

/** What the creator of a chat reads first. The token of an encrypted chat is no invitation, so it is not named. */
export const welcome = (chatToken: Token, encrypted: boolean): Message =>
  systemMessage(
    'created',
    encrypted
      ? 'Welcome to SFChat! Please send the invitation to Talker'
      : `Welcome to SFChat! Please send code: ${chatToken} to Talker`,
  );

/** What the one who closed the chat reads. */
export const closedByYou = (): Message =>
  systemMessage('closed', 'Thank you for using SFChat. Current chat was successfully closed.');

/** What the other one reads. */
export const closedByTalker = (): Message =>
  systemMessage('closed', 'Thank you for using SFChat. Chat was successfully closed by Talker.');
