import { isToken } from '../../src/protocol.ts';
import { closedByTalker, closedByYou, notice, welcome } from '../../src/chat/system-messages.ts';

const TOKEN = '0123456789abcdef01234567';

describe('a system message', () => {
  it.each([
    [notice('joined'), 'joined', 'Talker was successfully joined to chat'],
    [notice('ready'), 'ready', 'Chat is ready to use'],
    [
      notice('absent'),
      'absent',
      'Thank you for using SFChat. Chat was closed automatically: Talker left.',
    ],
    [
      notice('expired'),
      'expired',
      'Thank you for using SFChat. Current chat was successfully closed automatically.',
    ],
    [notice('intruder'), 'intruder', 'Someone else tried to use your invitation.'],
    [
      closedByTalker(),
      'closed',
      'Thank you for using SFChat. Chat was successfully closed by Talker.',
    ],
    [closedByYou(), 'closed', 'Thank you for using SFChat. Current chat was successfully closed.'],
    [welcome(TOKEN, false), 'created', `Welcome to SFChat! Please send code: ${TOKEN} to Talker`],
    [welcome(TOKEN, true), 'created', 'Welcome to SFChat! Please send the invitation to Talker'],
  ])('says exactly what the protocol says: %j', (message, event, msg) => {
    const { _id, ...rest } = message;
    expect(rest).toEqual({ msg, system: true, event });
    expect(isToken(_id)).toBe(true);
  });

  it('is plain text', () => {
    const messages = [
      ...(['joined', 'ready', 'absent', 'expired', 'intruder'] as const).map(notice),
      closedByTalker(),
      closedByYou(),
      welcome(TOKEN, false),
      welcome(TOKEN, true),
    ];

    for (const { msg } of messages) expect(msg).not.toMatch(/[<>&]/);
  });

  it('has an id of its own each time', () => {
    const ids = Array.from({ length: 100 }, () => notice('ready')._id);

    expect(new Set(ids).size).toBe(100);
  });
});
