import type { PageTexts } from './en.ts';

/** What the pages say, in German. */
export const de: PageTexts = {
  'nav.skip': 'Zum Inhalt',
  'nav.about': 'Über SFChat',
  'nav.home': 'Start',
  'nav.faq': 'Fragen',
  'nav.privacy': 'Datenschutz',
  'nav.license': 'Lizenz',
  'nav.language': 'Sprache',
  'noscript.text':
    'SFChat läuft in Ihrem Browser und braucht JavaScript, das hier abgeschaltet ist. Bitte erlauben Sie es für diese Seite.',
  'notFound.title': 'Nicht gefunden - SFChat',
  'notFound.description': 'Diese Seite gibt es auf diesem Server nicht.',
  'notFound.heading': 'Diese Seite gibt es nicht',
  'notFound.text': 'Vielleicht ist die Adresse vertippt, oder die Seite ist fort.',
  'notFound.home': 'Zur Startseite',
  'faq.title': 'Fragen und Antworten - SFChat',
  'faq.description':
    'Wie man SFChat benutzt, wer beitreten kann und was geschieht, wenn jemand geht.',
  'privacy.title': 'Datenschutz - SFChat',
  'privacy.description': 'Was ein SFChat-Server sieht, was er behält und wie lange.',
  'privacy.counted':
    '<strong>Statistik:</strong> Der Betreiber dieses Servers lässt Google Analytics zählen, wie viele Chats erstellt und betreten werden. Wenn Sie auf der Startseite „Erstellen“ oder „Beitreten“ drücken, sagt Ihr Browser das <q>www.google-analytics.com</q>, und sonst nichts; Google sieht dann Ihre Netzwerkadresse. Es gibt kein Cookie davon, kein fremdes Programm wird geladen, und die Chatseite sendet ihm nichts.',
  'privacy.uncounted':
    'Nichts von Dritten: keine Schriften, keine Statistik, keine Werbung, kein anderer Server als dieser.',
  'license.title': 'Lizenz - SFChat',
  'license.description': 'SFChat ist freie Software unter der BSD-3-Clause-Lizenz.',
  'license.heading': 'Lizenz',
  'license.intro': 'SFChat ist freie Software unter der BSD-3-Clause-Lizenz (auf Englisch):',
  'home.title': 'SFChat: Secure Free Chat',
  'home.description':
    'Zwei Menschen reden im Browser über einen Einladungscode. Kein Konto, kein Verlauf.',
  'home.heading': 'Zwei Menschen, ein Code, kein Verlauf',
  'home.lead':
    'Erstellen Sie einen Chat, geben Sie den Einladungscode einer Person, und reden Sie<span class="when-encrypted">, Ende-zu-Ende verschlüsselt</span>. Kein Konto, und nichts bleibt, wenn Sie ihn schließen.',
  'home.chatGone':
    'Der Chat dieser Benachrichtigung ist nicht mehr offen. Ist sein Tab geschlossen, kommt man in diesem Browser nicht mehr zu ihm zurück.',
  'home.resume': 'In diesem Tab läuft ein Chat',
  'home.resumeText': 'Wer hier einen anderen erstellt oder betritt, verlässt diesen.',
  'home.resumeBack': 'Zurück zum Chat',
  'home.insecure': 'Unter dieser Adresse gibt es keine Verschlüsselung',
  'home.insecureText':
    'Browser verschlüsseln nur auf Seiten, die über <q>https</q> kamen, und diese kam anders. Bitten Sie den Betreiber dieses Servers um eine <q>https</q>-Adresse. Hier gibt es nur einen unverschlüsselten Chat: Wer den Server betreibt oder unterwegs lauscht, kann ihn lesen.',
  'home.create': 'Chat starten',
  'home.createText': 'Sie bekommen einen Einladungscode für die Person, mit der Sie reden wollen.',
  'home.absence': 'Ist jemand von Ihnen weg, wartet der Chat',
  'home.absenceShort': '6 Minuten',
  'home.absenceHour': '1 Stunde',
  'home.absenceNever': 'bis zu seinem Ende',
  'home.absenceHint':
    'Weg heißt: Seite zu, keine Verbindung, oder ein Telefon, das in der Tasche schläft.',
  'home.createButton': 'Chat erstellen',
  'home.others': 'Für andere Programme',
  'home.othersText':
    'Ein Programm, das die Verschlüsselung dieser Seite nicht kennt, kann einem einfachen Chat beitreten. Wer den Server betreibt, kann ihn lesen.',
  'home.createPlain': 'Chat ohne Verschlüsselung erstellen',
  'home.join': 'Einem Chat beitreten',
  'home.code': 'Einladungscode',
  'home.codeHint': 'Die 24 Zeichen, der Link oder die ganze Nachricht, die Sie bekommen haben.',
  'home.joinButton': 'Beitreten',
  'arrival.heading': 'Sie sind eingeladen',
  'arrival.text': 'Jemand möchte hier mit Ihnen reden: nur Sie beide, in diesem Browser.',
  'arrival.open':
    'Diese Seite zu öffnen, hat nichts verbraucht. Sie treten erst bei, wenn Sie den Knopf drücken.',
  'arrival.once': 'Die Einladung gilt einmal. Nach Ihnen kann niemand mehr beitreten.',
  'arrival.encrypted': 'Was Sie schreiben, ist zwischen Ihren beiden Browsern verschlüsselt.',
  'arrival.end':
    'Kein Konto, nichts zu installieren. Der Chat ist fort, wenn jemand von Ihnen ihn schließt, spätestens nach 24 Stunden.',
  'arrival.plain':
    '<strong>Unverschlüsselt.</strong> Diese Einladung führt zu einem Chat, den der Betreiber des Servers lesen kann.',
  'arrival.join': 'Beitreten',
  'arrival.decline': 'Jetzt nicht',
  'home.how': 'Wie es geht',
  'home.how1':
    'Eine Person erstellt einen Chat und schickt den Code auf einem Weg, dem beide vertrauen.',
  'home.how2':
    'Die andere tritt damit bei. Ein Code gilt einmal: Danach kann niemand mehr beitreten.',
  'home.how3':
    'Ihre Browser einigen sich auf Schlüssel, und nur sie können lesen, was Sie schreiben. An vier Wörtern prüfen Sie beide, dass niemand dazwischen ist.',
  'home.how4':
    'Eine Nachricht wartet<span class="when-encrypted"> verschlüsselt</span> auf dem Server, nur bis der andere Browser sie hat. Ein Chat lebt höchstens 24 Stunden.',
  'home.faq': 'Fragen und Antworten',
  'leave.heading': 'Sie sind in diesem Tab in einem Chat',
  'leave.text':
    'Ihr Gegenüber würde vergeblich warten. Diesen Chat für beide schließen, bevor Sie in einen anderen gehen, oder darin bleiben?',
  'leave.stay': 'In diesem Chat bleiben',
  'leave.close': 'Schließen und weiter',

  'chat.title': 'Chat - SFChat',
  'chat.description': 'Ein Chat zwischen zwei Menschen auf SFChat.',
  'chat.skip': 'Zum Nachrichtenfeld',
  'chat.home': 'SFChat-Startseite',
  'chat.heading': 'Chat',
  'chat.close': 'Chat schließen',
  'chat.connecting': 'Verbinden…',
  'chat.tryNow': 'Jetzt versuchen',
  'chat.plain': '<strong>Unverschlüsselt.</strong> Wer diesen Server betreibt, kann mitlesen.',
  'chat.conversation': 'Gespräch',
  'chat.messages': 'Nachrichten',
  'chat.invite': 'Laden Sie eine Person ein',
  'chat.inviteText':
    'Schicken Sie den Code oder den Link der Person, mit der Sie reden wollen, auf einem Weg, dem Sie vertrauen: Wer ihn zuerst benutzt, tritt bei.',
  'chat.share': 'Teilen…',
  'chat.waiting':
    'Warten auf Ihr Gegenüber. Sie können solange etwas anderes tun: Der Titel dieses Tabs sagt es, wenn jemand da ist.',
  'chat.code': 'Einladungscode',
  'chat.copyCode': 'Code kopieren',
  'chat.link': 'Einladungslink',
  'chat.copyLink': 'Link kopieren',
  'chat.newMessages': 'Neue Nachrichten',
  'chat.useHere': 'Hier benutzen',
  'chat.goHome': 'Zur Startseite',
  'chat.newChat': 'Neuen Chat starten',
  'chat.remainsServer':
    'Auf dem Server: nichts vom Geschriebenen, sobald der andere Browser vom Ende weiß oder zehn Minuten um sind.',
  'chat.remainsTab':
    'In diesem Tab: der Text oben, bis Sie die Seite verlassen. Die Schlüssel sind schon gelöscht.',
  'chat.stay': 'Hier bleiben',
  'chat.message': 'Ihre Nachricht',
  'chat.send': 'Senden',
  'chat.sendHint':
    '<kbd>Enter</kbd> sendet, <kbd>Shift</kbd>+<kbd>Enter</kbd> beginnt eine neue Zeile',
  'chat.options': 'Optionen',
  'chat.optionsHeading': 'Optionen dieses Chats',
  'chat.sound': 'Ein kurzer Ton, wenn etwas geschieht, während die Seite verdeckt ist',
  'chat.notifications': 'Eine Benachrichtigung für dasselbe. Sie zeigt nie einen Text.',
  'chat.notificationsRefused': 'Der Browser erlaubt dieser Seite keine Benachrichtigungen.',
  'chat.typing': 'Beide sehen, wenn der andere schreibt',
  'chat.words': 'Vier Wörter zum Vergleichen',
  'chat.wordsText':
    'Lesen Sie einander die Wörter vor, am besten am Telefon: Sind sie auf beiden Seiten gleich, ist niemand zwischen Ihnen.',
  'chat.wordsMatch': 'Sie stimmen',
  'chat.wordsDiffer': 'Sie sind anders',
  'chat.exchangeAnew': 'Noch einmal versuchen',
  'chat.back': 'Zurück zum Chat',
  'chat.closeHeading': 'Diesen Chat schließen?',
  'chat.closeReason':
    'Verschiedene Wörter heißen, dass jemand zwischen Ihnen sitzt und mitliest. Machen Sie hier nicht weiter: Treffen Sie sich auf anderem Weg und nehmen Sie eine neue Einladung.',
  'chat.closeText':
    'Er schließt für Sie beide, sofort und endgültig. Sein Text wird aus diesem Tab entfernt.',
  'chat.closeCancel': 'Weiterreden',
};
