import type { Text } from '../text.ts';

/** What scripts say, in English: the language that all others are translated from. */
export const en = {
  // Home: creating and joining
  'create.busy': 'Creating…',
  'join.busy': 'Joining…',
  'join.unknown':
    'No chat has this code. Compare it with the one that you were sent: a character may be mistyped or missing. If it is right, its chat ended long ago: ask the person who invited you for a new invitation.',
  'join.over':
    'This invitation is over: the chat was closed, or its time was up. Ask the person who invited you for a new one, or start a chat yourself and send them its code.',
  'join.used':
    'This invitation has already been used. If that was not you, in another tab or browser, somebody else has it: tell the person who invited you, and ask for a new one.',
  'join.damaged':
    'This link has no whole invitation code: it may have been cut. Ask for the code itself, or paste it here.',
  'join.several': 'There are several codes in it. Which one do you mean?',
  'join.invalid':
    'This is not an invitation code. A code has 24 characters, digits and letters. A whole link does as well.',
  'join.needsHttps':
    'This is the code of an encrypted chat, and browsers encrypt only on pages that came over https. Ask for an https address of this server.',
  'admission.unanswered':
    'The server did not answer, after {count} tries. Check your connection and try again: you go on where you were.',
  'admission.wrongKind':
    'This server says that the chat is of another kind than its invitation: encrypted and not encrypted do not fit together. Nothing was sent, and the chat was closed. Ask the person who invited you for a new invitation.',

  // Failures of any call
  'wait.moment': 'in a moment',
  'wait.seconds': { one: 'in {count} second', other: 'in {count} seconds' },
  'wait.minutes': { one: 'in {count} minute', other: 'in {count} minutes' },
  'failure.noAnswer': 'The server cannot be reached. Check your connection and try again.',
  'failure.tooMany': 'Too many attempts. Please try again {when}.',
  'failure.unavailable': 'SFChat is not available right now. Please try again {when}.',
  'failure.other': 'Something went wrong on the server ({code}). Please try again.',

  // The connection
  'connection.connecting': 'Connecting…',
  'connection.connected': 'Connected',
  'connection.again': 'Connected again.',
  'connection.retry': '{trouble} Trying again in {seconds} s…',
  'trouble.noAnswer': 'Connection lost.',
  'trouble.notFound': 'The chat service is not where it was.',
  'trouble.tooMany': 'The server asks to slow down.',
  'trouble.other': 'The server has a problem ({code}).',

  // Sending
  'sending.noAnswer': 'No connection: your messages wait here and are sent when it is back.',
  'sending.notReady': 'The chat is not ready for messages: yours wait here.',
  'sending.tooMany':
    'Too many messages at once, or Talker has not read your last {count} messages yet. Yours wait here.',
  'sending.other': 'The server has a problem ({code}): your messages wait here.',
  'refused.tooLong': 'it is too long',
  'refused.server': 'the server refused it',
  'refused.reason': 'the server refused it ({reason})',
  'refused.over': 'the chat is over',
  'refused.encryption': 'the browser could not encrypt it',
  'refused.neverLeft': 'the page went away before',
  'delivery.sending': 'sending…',
  'delivery.waiting': 'not sent yet, will retry',
  'delivery.refused': 'not sent: {reason}',
  'delivery.sent': 'Sent: it waits on the server for Talker',
  'delivery.delivered': 'Delivered to Talker’s browser and erased from the server, says the server',
  'delivery.confirmed': 'Confirmed by Talker',
  'delivery.unconfirmed': 'not confirmed: Talker may not have been able to read this',
  'delivery.repeated': 'not confirmed; sent once more below',
  'delivery.again': 'Send again',

  // The message field
  'composer.draft': 'You can send as soon as Talker has joined.',
  'composer.closed': 'The chat is closed.',
  'composer.noKeys': 'You can write as soon as both have the same keys.',
  'composer.left': { one: '{count} character left', other: '{count} characters left' },
  'composer.parts': {
    one: 'Will be sent as {count} message',
    other: 'Will be sent as {count} messages',
  },
  'composer.tooLong': 'Too long to be sent at once: at most about {count} characters.',

  // The conversation
  'log.unread': 'Unread',
  'log.earlier': 'written earlier',
  'log.otherTabGone':
    'The tab that had the chat is gone: what was said there cannot be shown here.',
  'log.you': 'You:',
  'log.talker': 'Talker:',

  // Who speaks, and where they are
  'presence.waiting': 'Waiting for Talker to join',
  'presence.here': 'Talker is here',
  'presence.typing': 'Talker is typing…',
  'presence.away': 'Talker is away',
  'presence.awayUntil': 'Talker is away since {since}. The chat waits until {until}.',
  'presence.awayToEnd': 'Talker is away since {since}. The chat waits to its end.',
  'presence.elsewhere': 'Open elsewhere',
  'presence.over': 'The chat is over',
  'expiry.at': 'Ends {when} at the latest',
  'expiry.hours': 'Ends in {hours} h {minutes} min',
  'expiry.minutes': 'Ends in {minutes} min',
  'expiry.clock': 'Ends in {clock}',
  'expiry.soon': {
    one: 'This chat ends in {count} minute. Whatever you want to keep, keep it now.',
    other: 'This chat ends in {count} minutes. Whatever you want to keep, keep it now.',
  },
  'absence.closes': 'If one of you is away for {duration}, this chat closes for both.',
  'absence.never': 'This chat waits for both of you until its end, however long one is away.',
  'duration.minutes': { one: '{count} minute', other: '{count} minutes' },
  'duration.hours': { one: '{count} hour', other: '{count} hours' },
  'title.chat': 'Chat - SFChat',
  'title.joined': 'Talker joined - SFChat',
  'title.closed': 'Chat closed - SFChat',
  'title.unread': '({count}) {title}',
  'notification.joined': 'Talker has joined.',
  'notification.message': 'There is a new message.',
  'notification.closed': 'The chat is over.',

  // System messages, by their event
  'event.created': 'Welcome to SFChat! Please send the invitation to Talker',
  'event.createdPlain': 'Welcome to SFChat! Please send code: {code} to Talker',
  'event.joined': 'Talker was successfully joined to chat',
  'event.ready': 'Chat is ready to use',
  'event.closedByTalker': 'Thank you for using SFChat. Chat was successfully closed by Talker.',
  'event.closedByYou': 'Thank you for using SFChat. Current chat was successfully closed.',
  'event.absent': 'Thank you for using SFChat. Chat was closed automatically: Talker left.',
  'event.expired':
    'Thank you for using SFChat. Current chat was successfully closed automatically.',
  'event.intruder': 'Someone else tried to use your invitation.',

  // The end
  'end.closed': 'This chat is closed. Its text is gone when you leave this page.',
  'end.removed': 'This chat has ended or was removed.',
  'end.superseded': 'This chat is open in another tab or window. This one has stopped.',
  'end.keysLost':
    'This browser has lost the keys of this chat, so it cannot go on here. It was closed for both of you.',
  'end.countdown': 'This page goes home in {seconds} s.',
  'close.confirm': 'Close chat',
  'close.busy': 'Closing…',
  'close.unsent': {
    one: 'One message has not been sent yet and would be lost.',
    other: '{count} messages have not been sent yet and would be lost.',
  },

  // The invitation
  'share.title': 'SFChat',
  'share.text': 'Talk with me, just the two of us:',
  'share.failed': 'Sharing did not work. Copy the link instead.',
  'qr.show': 'Show QR code',
  'qr.hide': 'Hide QR code',
  'qr.label': 'QR code of the invitation link',
  'qr.failed': 'The QR code could not be loaded. Copy the link instead.',
  'copy.codeDone': 'The code is copied.',
  'copy.linkDone': 'The link is copied.',
  'copy.codeSelected': 'The code is selected: copy it with Ctrl+C or the menu.',
  'copy.linkSelected': 'The link is selected: copy it with Ctrl+C or the menu.',

  // Encryption
  'security.plain': 'Not encrypted',
  'security.awaited': 'Keys: when Talker joins',
  'security.exchanging': 'Exchanging keys',
  'security.encrypted': 'Encrypted',
  'security.compared': 'Encrypted and compared',
  'security.warning': 'Warning',
  'security.plainMeans':
    'Whoever runs this server can read what the two of you write. A chat that you create on the home page is encrypted.',
  'security.awaitedMeans':
    'Nothing can be written yet: your browser and Talker’s agree on keys as soon as Talker has joined.',
  'security.exchangingMeans':
    'Nothing can be written yet: your browser and Talker’s are about to agree on keys, as soon as both are here.',
  'security.encryptedMeans':
    'Only your browser and the one that joined can read what you write. Whether that one is Talker’s, the words tell.',
  'security.comparedMeans':
    'You have compared the words of the keys in use: only the two of you can read this.',
  'security.warningMeans':
    'You find each warning in the conversation, too, at the place that it is about.',
  'security.noKeys':
    'There are no keys, so nothing can be written. If trying again does not help, close the chat and use a new invitation over another channel.',
  'security.noWords': 'The words could not be loaded. Check your connection, or reload the page.',
  'keys.secured': 'Keys are exchanged. Messages are end-to-end encrypted from here on.',
  'keys.securedAgain':
    'New keys are in use: one of you had lost the old ones, or asked for new ones. Compare the four words again.',
  'keys.lostByReload':
    'Your browser does not keep keys here, so the reload has lost them: what was said before cannot be shown any more, and new keys are exchanged.',
  'keys.unusable': 'The browser could not use the keys of this chat. Reload the page.',
  'keys.limit': 'Keys were exchanged five times in this chat; more is not allowed.',
  'keys.failed': 'No keys could be agreed on: {reason}. Nothing can be sent.',
  'keys.failedAgain': 'A new exchange of keys failed: {reason}. The keys in use stay.',
  'handshake.commitment': 'a key arrived that is not the one announced before',
  'handshake.authentication': 'the other side does not know the code, or a message was changed',
  'handshake.publicKey': 'the other side sent something that is no key',
  'handshake.malformed': 'a message was damaged or changed',
  'handshake.tooMany': 'it was tried five times, and more is not allowed in one chat',
  'message.late': 'The message above came late: it was called missing before.',
  'message.missing': {
    one: 'A message is missing here.',
    other: '{count} messages are missing here.',
  },
  'message.unreadable':
    'A message could not be read: it was changed on its way, or made for keys that are lost.',
  'message.contradiction':
    'The server says that a message of yours was delivered, but Talker does not confirm it.',
  'ignored.notEncrypted': 'A message that was not encrypted arrived. It is not shown.',
  'ignored.unknownKind': 'A message of an unknown kind arrived. It is not shown.',
  'ignored.unexpectedStep':
    'Somebody sent a part of a key exchange that nobody waits for. It was ignored.',
  'ignored.forgedRestart': 'Somebody without the code asked for new keys. It was ignored.',
  'ignored.tooMany': 'New keys were asked for too often. The keys in use stay.',
} satisfies Record<string, Text>;
