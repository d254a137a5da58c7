import type { Messages } from '../translate.ts';

/** What scripts say, in German. */
export const de: Messages = {
  'create.busy': 'Wird erstellt…',
  'join.busy': 'Beitritt läuft…',
  'join.unknown':
    'Zu diesem Code gibt es keinen Chat. Vergleichen Sie ihn mit dem, den Sie bekommen haben: Vielleicht fehlt ein Zeichen oder eines ist falsch. Stimmt er, ist der Chat längst vorbei: Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.',
  'join.over':
    'Diese Einladung gilt nicht mehr: Der Chat wurde geschlossen, oder seine Zeit war um. Bitten Sie die Person, die Sie eingeladen hat, um eine neue, oder starten Sie selbst einen Chat und schicken ihr den Code.',
  'join.used':
    'Diese Einladung ist schon benutzt. Waren das nicht Sie, in einem anderen Tab oder Browser, dann hat sie jemand anderes: Sagen Sie es der Person, die Sie eingeladen hat, und bitten Sie um eine neue.',
  'join.damaged':
    'In diesem Link steht kein ganzer Einladungscode: Vielleicht ist er abgeschnitten. Bitten Sie um den Code selbst, oder fügen Sie ihn hier ein.',
  'join.several': 'Darin stehen mehrere Codes. Welcher ist gemeint?',
  'join.invalid':
    'Das ist kein Einladungscode. Ein Code hat 24 Zeichen, Ziffern und Buchstaben. Ein ganzer Link geht auch.',
  'join.needsHttps':
    'Das ist der Code eines verschlüsselten Chats, und Browser verschlüsseln nur auf Seiten, die über https kamen. Bitten Sie um eine https-Adresse dieses Servers.',
  'admission.unanswered':
    'Der Server hat nicht geantwortet, auch nach {count} Versuchen. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal: Es geht weiter, wo Sie waren.',
  'admission.wrongKind':
    'Der Server sagt, dass der Chat von anderer Art ist als seine Einladung: Verschlüsselt und unverschlüsselt passen nicht zusammen. Nichts wurde gesendet, der Chat ist geschlossen. Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.',
  'wait.moment': 'gleich',
  'wait.seconds': { one: 'in {count} Sekunde', other: 'in {count} Sekunden' },
  'wait.minutes': { one: 'in {count} Minute', other: 'in {count} Minuten' },
  'failure.noAnswer':
    'Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  'failure.tooMany': 'Zu viele Versuche. Bitte {when} noch einmal versuchen.',
  'failure.unavailable': 'SFChat ist gerade nicht verfügbar. Bitte {when} noch einmal versuchen.',
  'failure.other': 'Auf dem Server ging etwas schief ({code}). Bitte noch einmal versuchen.',
  'connection.connecting': 'Verbinden…',
  'connection.connected': 'Verbunden',
  'connection.again': 'Wieder verbunden.',
  'connection.retry': '{trouble} Nächster Versuch in {seconds} s…',
  'trouble.noAnswer': 'Verbindung verloren.',
  'trouble.notFound': 'Der Chatdienst ist nicht mehr, wo er war.',
  'trouble.tooMany': 'Der Server bittet um Geduld.',
  'trouble.other': 'Der Server hat ein Problem ({code}).',
  'sending.noAnswer':
    'Keine Verbindung: Ihre Nachrichten warten hier und gehen los, wenn sie wieder da ist.',
  'sending.notReady': 'Der Chat ist nicht bereit für Nachrichten: Ihre warten hier.',
  'sending.tooMany':
    'Zu viele Nachrichten auf einmal, oder Ihr Gegenüber hat die letzten {count} noch nicht gelesen. Ihre warten hier.',
  'sending.other': 'Der Server hat ein Problem ({code}): Ihre Nachrichten warten hier.',
  'refused.tooLong': 'sie ist zu lang',
  'refused.server': 'der Server hat sie abgelehnt',
  'refused.reason': 'der Server hat sie abgelehnt ({reason})',
  'refused.over': 'der Chat ist vorbei',
  'refused.encryption': 'der Browser konnte sie nicht verschlüsseln',
  'refused.neverLeft': 'die Seite war vorher weg',
  'delivery.sending': 'wird gesendet…',
  'delivery.waiting': 'noch nicht gesendet, neuer Versuch folgt',
  'delivery.refused': 'nicht gesendet: {reason}',
  'delivery.sent': 'Gesendet: wartet auf dem Server auf Ihr Gegenüber',
  'delivery.delivered':
    'Beim Browser Ihres Gegenübers angekommen und vom Server gelöscht, sagt der Server',
  'delivery.confirmed': 'Von Ihrem Gegenüber bestätigt',
  'delivery.unconfirmed': 'nicht bestätigt: Ihr Gegenüber konnte das vielleicht nicht lesen',
  'delivery.repeated': 'nicht bestätigt; unten noch einmal gesendet',
  'delivery.again': 'Noch einmal senden',
  'composer.draft': 'Sie können senden, sobald Ihr Gegenüber da ist.',
  'composer.closed': 'Der Chat ist geschlossen.',
  'composer.noKeys': 'Sie können schreiben, sobald beide dieselben Schlüssel haben.',
  'composer.left': { one: 'noch {count} Zeichen', other: 'noch {count} Zeichen' },
  'composer.parts': {
    one: 'Wird als {count} Nachricht gesendet',
    other: 'Wird als {count} Nachrichten gesendet',
  },
  'composer.tooLong': 'Zu lang für einmal: höchstens etwa {count} Zeichen.',
  'log.unread': 'Ungelesen',
  'log.earlier': 'früher geschrieben',
  'log.otherTabGone':
    'Der Tab mit dem Chat ist fort: Was dort gesagt wurde, kann hier nicht gezeigt werden.',
  'log.you': 'Sie:',
  'log.talker': 'Gegenüber:',
  'presence.waiting': 'Warten auf Ihr Gegenüber',
  'presence.here': 'Ihr Gegenüber ist da',
  'presence.typing': 'Ihr Gegenüber schreibt…',
  'presence.away': 'Ihr Gegenüber ist weg',
  'presence.awayUntil': 'Ihr Gegenüber ist seit {since} weg. Der Chat wartet bis {until}.',
  'presence.awayToEnd': 'Ihr Gegenüber ist seit {since} weg. Der Chat wartet bis zu seinem Ende.',
  'presence.elsewhere': 'Anderswo geöffnet',
  'presence.over': 'Der Chat ist vorbei',
  'expiry.at': 'Endet spätestens {when}',
  'expiry.hours': 'Noch {hours} h {minutes} min',
  'expiry.minutes': 'Noch {minutes} min',
  'expiry.clock': 'Noch {clock}',
  'expiry.soon': {
    one: 'Dieser Chat endet in {count} Minute. Was Sie behalten wollen, sichern Sie jetzt.',
    other: 'Dieser Chat endet in {count} Minuten. Was Sie behalten wollen, sichern Sie jetzt.',
  },
  'absence.closes': 'Ist einer von Ihnen {duration} lang weg, schließt der Chat für beide.',
  'absence.never':
    'Der Chat wartet bis zu seinem Ende auf Sie beide, egal wie lange jemand weg ist.',
  'duration.minutes': { one: '{count} Minute', other: '{count} Minuten' },
  'duration.hours': { one: '{count} Stunde', other: '{count} Stunden' },
  'title.chat': 'Chat - SFChat',
  'title.joined': 'Gegenüber ist da - SFChat',
  'title.closed': 'Chat geschlossen - SFChat',
  'title.unread': '({count}) {title}',
  'notification.joined': 'Ihr Gegenüber ist da.',
  'notification.message': 'Es gibt eine neue Nachricht.',
  'notification.closed': 'Der Chat ist vorbei.',
  'event.created': 'Willkommen bei SFChat! Bitte senden Sie die Einladung an Ihr Gegenüber',
  'event.createdPlain': 'Willkommen bei SFChat! Bitte senden Sie den Code {code} an Ihr Gegenüber',
  'event.joined': 'Ihr Gegenüber ist dem Chat beigetreten',
  'event.ready': 'Der Chat ist bereit',
  'event.closedByTalker': 'Danke, dass Sie SFChat nutzen. Ihr Gegenüber hat den Chat geschlossen.',
  'event.closedByYou': 'Danke, dass Sie SFChat nutzen. Der Chat ist geschlossen.',
  'event.absent':
    'Danke, dass Sie SFChat nutzen. Der Chat wurde automatisch geschlossen: Ihr Gegenüber ist gegangen.',
  'event.expired':
    'Danke, dass Sie SFChat nutzen. Die Zeit des Chats ist um, er wurde automatisch geschlossen.',
  'event.intruder': 'Jemand anderes hat versucht, Ihre Einladung zu benutzen.',
  'end.closed': 'Dieser Chat ist geschlossen. Sein Text ist fort, wenn Sie die Seite verlassen.',
  'end.removed': 'Dieser Chat ist zu Ende oder wurde entfernt.',
  'end.superseded':
    'Dieser Chat ist in einem anderen Tab oder Fenster geöffnet. Hier steht er still.',
  'end.keysLost':
    'Dieser Browser hat die Schlüssel des Chats verloren, hier geht es also nicht weiter. Er wurde für Sie beide geschlossen.',
  'end.countdown': 'In {seconds} s geht es zur Startseite.',
  'close.confirm': 'Chat schließen',
  'close.busy': 'Wird geschlossen…',
  'close.unsent': {
    one: 'Eine Nachricht ist noch nicht gesendet und ginge verloren.',
    other: '{count} Nachrichten sind noch nicht gesendet und gingen verloren.',
  },
  'share.title': 'SFChat',
  'share.text': 'Reden wir, nur wir zwei:',
  'share.failed': 'Das Teilen ging nicht. Kopieren Sie stattdessen den Link.',
  'qr.show': 'QR-Code zeigen',
  'qr.hide': 'QR-Code verbergen',
  'qr.label': 'QR-Code des Einladungslinks',
  'qr.failed': 'Der QR-Code ließ sich nicht laden. Kopieren Sie stattdessen den Link.',
  'copy.codeDone': 'Der Code ist kopiert.',
  'copy.linkDone': 'Der Link ist kopiert.',
  'copy.codeSelected': 'Der Code ist markiert: Kopieren Sie ihn mit Strg+C oder dem Menü.',
  'copy.linkSelected': 'Der Link ist markiert: Kopieren Sie ihn mit Strg+C oder dem Menü.',
  'security.plain': 'Unverschlüsselt',
  'security.awaited': 'Schlüssel: nach dem Beitritt',
  'security.exchanging': 'Schlüsseltausch',
  'security.encrypted': 'Verschlüsselt',
  'security.compared': 'Verschlüsselt und verglichen',
  'security.warning': 'Warnung',
  'security.plainMeans':
    'Wer diesen Server betreibt, kann mitlesen. Ein Chat, den Sie auf der Startseite erstellen, ist verschlüsselt.',
  'security.awaitedMeans':
    'Noch kann nichts geschrieben werden: Ihr Browser und der Ihres Gegenübers einigen sich auf Schlüssel, sobald Ihr Gegenüber beigetreten ist.',
  'security.exchangingMeans':
    'Noch kann nichts geschrieben werden: Ihr Browser und der Ihres Gegenübers einigen sich auf Schlüssel, sobald beide da sind.',
  'security.encryptedMeans':
    'Nur Ihr Browser und der, der beigetreten ist, können lesen, was Sie schreiben. Ob das der Ihres Gegenübers ist, sagen die Wörter.',
  'security.comparedMeans':
    'Sie haben die Wörter der benutzten Schlüssel verglichen: Nur Sie beide können das lesen.',
  'security.warningMeans': 'Jede Warnung steht auch im Gespräch, an der Stelle, um die es geht.',
  'security.noKeys':
    'Es gibt keine Schlüssel, also kann nichts geschrieben werden. Hilft ein neuer Versuch nicht, schließen Sie den Chat und nehmen Sie eine neue Einladung auf anderem Weg.',
  'security.noWords':
    'Die Wörter ließen sich nicht laden. Prüfen Sie die Verbindung, oder laden Sie die Seite neu.',
  'keys.secured':
    'Die Schlüssel sind ausgetauscht. Ab hier sind Nachrichten Ende-zu-Ende verschlüsselt.',
  'keys.securedAgain':
    'Neue Schlüssel gelten: Jemand von Ihnen hatte die alten verloren oder neue verlangt. Vergleichen Sie die vier Wörter noch einmal.',
  'keys.lostByReload':
    'Ihr Browser behält hier keine Schlüssel, das Neuladen hat sie gelöscht: Was vorher gesagt wurde, kann nicht mehr gezeigt werden, neue Schlüssel werden getauscht.',
  'keys.unusable':
    'Der Browser konnte die Schlüssel dieses Chats nicht benutzen. Laden Sie die Seite neu.',
  'keys.limit': 'In diesem Chat wurden fünfmal Schlüssel getauscht; mehr geht nicht.',
  'keys.failed': 'Es gab keine Einigung auf Schlüssel: {reason}. Nichts kann gesendet werden.',
  'keys.failedAgain':
    'Ein neuer Schlüsseltausch misslang: {reason}. Die benutzten Schlüssel bleiben.',
  'handshake.commitment': 'es kam ein anderer Schlüssel als der angekündigte',
  'handshake.authentication':
    'die andere Seite kennt den Code nicht, oder eine Nachricht wurde verändert',
  'handshake.publicKey': 'die andere Seite schickte etwas, das kein Schlüssel ist',
  'handshake.malformed': 'eine Nachricht wurde beschädigt oder verändert',
  'handshake.tooMany': 'es wurde fünfmal versucht, und mehr ist in einem Chat nicht erlaubt',
  'message.late': 'Die Nachricht darüber kam spät: Sie wurde vorher fehlend genannt.',
  'message.missing': {
    one: 'Hier fehlt eine Nachricht.',
    other: 'Hier fehlen {count} Nachrichten.',
  },
  'message.unreadable':
    'Eine Nachricht war nicht lesbar: Sie wurde unterwegs verändert oder gehört zu verlorenen Schlüsseln.',
  'message.contradiction':
    'Der Server sagt, eine Nachricht von Ihnen sei zugestellt, aber Ihr Gegenüber bestätigt es nicht.',
  'ignored.notEncrypted': 'Eine unverschlüsselte Nachricht kam an. Sie wird nicht gezeigt.',
  'ignored.unknownKind': 'Eine Nachricht unbekannter Art kam an. Sie wird nicht gezeigt.',
  'ignored.unexpectedStep':
    'Jemand schickte einen Teil eines Schlüsseltauschs, auf den niemand wartet. Er wurde übergangen.',
  'ignored.forgedRestart': 'Jemand ohne den Code verlangte neue Schlüssel. Das wurde übergangen.',
  'ignored.tooMany': 'Zu oft wurden neue Schlüssel verlangt. Die benutzten bleiben.',
};
