/**
 * What the pages say before any script runs, in English: the language that all others are translated from.
 * A text may have markup (`<strong>`, `<q>`, `<kbd>`, links) where the page writes `{{html:key}}`.
 */
export const en = {
  'nav.skip': 'Skip to the content',
  'nav.about': 'About SFChat',
  'nav.home': 'Home',
  'nav.faq': 'Questions',
  'nav.privacy': 'Privacy',
  'nav.license': 'License',
  'nav.language': 'Language',
  'noscript.text':
    'SFChat runs in your browser and needs JavaScript, which is switched off here. Please allow it for this page.',

  'notFound.title': 'Not found - SFChat',
  'notFound.description': 'There is no such page on this server.',
  'notFound.heading': 'There is no such page',
  'notFound.text': 'The address may be mistyped, or the page is gone.',
  'notFound.home': 'Back to home',

  'faq.title': 'Questions and answers - SFChat',
  'faq.description': 'How to use SFChat, who can join, and what happens when somebody leaves.',
  'privacy.title': 'Privacy - SFChat',
  'privacy.description': 'What an SFChat server sees, what it keeps and for how long.',
  'privacy.counted':
    '<strong>Statistics:</strong> the operator of this server lets Google Analytics count how many chats are created and joined. When you press Create or Join on the home page, your browser tells <q>www.google-analytics.com</q> that, and nothing else; Google sees your network address then. There is no cookie of it, its program is not loaded, and the chat page sends it nothing.',
  'privacy.uncounted':
    'Nothing from third parties: no fonts, no statistics, no advertising, no other server than this one.',
  'license.title': 'License - SFChat',
  'license.description': 'SFChat is free software under the BSD 3-Clause License.',
  'license.heading': 'License',
  'license.intro': 'SFChat is free software under the BSD 3-Clause License:',

  'home.title': 'SFChat: Secure Free Chat',
  'home.description':
    'Two people talk in the browser through one invitation code. No account, no history.',
  'home.heading': 'Two people, one code, no history',
  'home.lead':
    'Create a chat, hand its invitation code to one person, and talk<span class="when-encrypted">, end-to-end encrypted</span>. No account, and nothing is left behind when you close it.',
  'home.chatGone':
    'The chat of that notification is not open any more. Once its tab is closed, nobody can go back to it from this browser.',
  'home.resume': 'You have a chat in this tab',
  'home.resumeText': 'Creating or joining another chat here leaves this one.',
  'home.resumeBack': 'Go back to your chat',
  'home.insecure': 'Encryption is not available at this address',
  'home.insecureText':
    'Browsers encrypt only on pages that came over <q>https</q>, and this one did not. Ask whoever runs this server for an <q>https</q> address. Here, there is only a chat that is not encrypted: whoever runs the server, or listens on the way, can read it.',
  'home.create': 'Start a chat',
  'home.createText': 'You get an invitation code for the person you want to talk to.',
  'home.absence': 'If one of you is away, the chat waits',
  'home.absenceShort': '6 minutes',
  'home.absenceHour': '1 hour',
  'home.absenceNever': 'until its end',
  'home.absenceHint': 'Away is: page closed, no connection, or a phone asleep in a pocket.',
  'home.createButton': 'Create chat',
  'home.others': 'For other clients',
  'home.othersText':
    'A program that does not know this page’s encryption can join a plain chat. Whoever runs the server can read it.',
  'home.createPlain': 'Create a chat without encryption',
  'home.join': 'Join a chat',
  'home.code': 'Invitation code',
  'home.codeHint': 'The 24 characters, the link, or the whole message that you got.',
  'home.joinButton': 'Join',
  'arrival.heading': 'You are invited',
  'arrival.text': 'Somebody wants to talk with you here: just the two of you, in this browser.',
  'arrival.open': 'Opening this page has used nothing up. You join only when you press the button.',
  'arrival.once': 'The invitation works once. After you, nobody else can join.',
  'arrival.encrypted': 'What you write is encrypted between your two browsers.',
  'arrival.end':
    'No account, nothing to install. The chat is gone when one of you closes it, after 24 hours at the latest.',
  'arrival.plain':
    '<strong>Not encrypted.</strong> This invitation leads to a chat that whoever runs the server can read.',
  'arrival.join': 'Join',
  'arrival.decline': 'Not now',
  'home.how': 'How it works',
  'home.how1': 'One of you creates a chat and sends the code over a channel you both trust.',
  'home.how2': 'The other joins with it. A code works once: nobody else can join after that.',
  'home.how3':
    'Your browsers agree on keys, and only they can read what you write. Four words let the two of you check that nobody is in between.',
  'home.how4':
    'A message waits on the server<span class="when-encrypted">, encrypted,</span> only until the other browser has it. A chat lives for 24 hours at most.',
  'home.faq': 'Questions and answers',

  'leave.heading': 'You are in a chat in this tab',
  'leave.text':
    'Talker would wait for you in vain. Close that chat for both of you before you go into another, or stay in it?',
  'leave.stay': 'Stay in that chat',
  'leave.close': 'Close it and go on',

  'chat.title': 'Chat - SFChat',
  'chat.description': 'A chat between two people on SFChat.',
  'chat.skip': 'Skip to the message field',
  'chat.home': 'SFChat home',
  'chat.heading': 'Chat',
  'chat.close': 'Close chat',
  'chat.connecting': 'Connecting…',
  'chat.tryNow': 'Try now',
  'chat.plain':
    '<strong>Not encrypted.</strong> Whoever runs this server can read what the two of you write.',
  'chat.conversation': 'Conversation',
  'chat.messages': 'Messages',
  'chat.invite': 'Invite one person',
  'chat.inviteText':
    'Send the code or the link to the one you want to talk to, over a channel that you trust: the first who uses it joins.',
  'chat.share': 'Share…',
  'chat.waiting':
    'Waiting for the other one. You can do something else meanwhile: the title of this tab tells when they are here.',
  'chat.code': 'Invitation code',
  'chat.copyCode': 'Copy code',
  'chat.link': 'Invitation link',
  'chat.copyLink': 'Copy link',
  'chat.newMessages': 'New messages',
  'chat.useHere': 'Use it here',
  'chat.goHome': 'Back to home',
  'chat.newChat': 'Start a new chat',
  'chat.remainsServer':
    'On the server: nothing of what was written, once the other browser knows of the end, or after ten minutes.',
  'chat.remainsTab':
    'In this tab: the text above, until you leave the page. Its keys are deleted already.',
  'chat.stay': 'Stay on this page',
  'chat.message': 'Your message',
  'chat.send': 'Send',
  'chat.sendHint': '<kbd>Enter</kbd> sends, <kbd>Shift</kbd>+<kbd>Enter</kbd> begins a new line',
  'chat.options': 'Options',
  'chat.optionsHeading': 'Options of this chat',
  'chat.sound': 'A short sound when something happens while this page is hidden',
  'chat.notifications': 'A notification for the same. It never shows a text.',
  'chat.notificationsRefused': 'The browser does not allow notifications of this page.',
  'chat.typing': 'Both of you see when the other types',
  'chat.words': 'Four words to compare',
  'chat.wordsText':
    'Read the words to each other, best by voice: if they are the same on both sides, nobody is between you.',
  'chat.wordsMatch': 'They match',
  'chat.wordsDiffer': 'They differ',
  'chat.exchangeAnew': 'Try again',
  'chat.back': 'Back to the chat',
  'chat.closeHeading': 'Close this chat?',
  'chat.closeReason':
    'Different words mean that somebody else sits between the two of you and reads along. Do not go on here: meet over another channel and use a new invitation.',
  'chat.closeText':
    'It closes for both of you, at once and for good. Its text is removed from this tab.',
  'chat.closeCancel': 'Keep talking',
} satisfies Record<string, string>;

/** The key of a text on a page. */
export type PageKey = keyof typeof en;

/** All texts of the pages, in one language. */
export type PageTexts = Readonly<Record<PageKey, string>>;
