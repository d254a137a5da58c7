import type { Messages } from '../translate.ts';

/** What scripts say, in Spanish. */
export const es: Messages = {
  'create.busy': 'Creando…',
  'join.busy': 'Entrando…',
  'join.unknown':
    'Ningún chat tiene este código. Compárelo con el que le enviaron: quizá falte un carácter o haya uno equivocado. Si es correcto, el chat terminó hace tiempo: pida una invitación nueva a quien le invitó.',
  'join.over':
    'Esta invitación ya no vale: el chat se cerró o se le acabó el tiempo. Pida una nueva a quien le invitó, o cree usted un chat y envíe su código.',
  'join.used':
    'Esta invitación ya se ha usado. Si no fue usted, en otra pestaña o navegador, la tiene otra persona: avise a quien le invitó y pida una nueva.',
  'join.damaged':
    'Este enlace no tiene un código de invitación entero: quizá se cortó. Pida el código mismo o péguelo aquí.',
  'join.several': 'Aquí hay varios códigos. ¿Cuál es?',
  'join.invalid':
    'Esto no es un código de invitación. Un código tiene 24 caracteres, cifras y letras. También sirve un enlace entero.',
  'join.needsHttps':
    'Este es el código de un chat cifrado, y los navegadores solo cifran en páginas que llegan por https. Pida una dirección https de este servidor.',
  'admission.unanswered':
    'El servidor no respondió tras {count} intentos. Compruebe su conexión e inténtelo de nuevo: seguirá donde estaba.',
  'admission.wrongKind':
    'El servidor dice que el chat es de otro tipo que su invitación: cifrado y sin cifrar no van juntos. No se envió nada y el chat se cerró. Pida una invitación nueva a quien le invitó.',
  'wait.moment': 'en un momento',
  'wait.seconds': {
    one: 'en {count} segundo',
    many: 'en {count} de segundos',
    other: 'en {count} segundos',
  },
  'wait.minutes': {
    one: 'en {count} minuto',
    many: 'en {count} de minutos',
    other: 'en {count} minutos',
  },
  'failure.noAnswer': 'No se puede llegar al servidor. Compruebe su conexión e inténtelo de nuevo.',
  'failure.tooMany': 'Demasiados intentos. Inténtelo de nuevo {when}.',
  'failure.unavailable': 'SFChat no está disponible ahora. Inténtelo de nuevo {when}.',
  'failure.other': 'Algo falló en el servidor ({code}). Inténtelo de nuevo.',
  'connection.connecting': 'Conectando…',
  'connection.connected': 'Conectado',
  'connection.again': 'Conectado de nuevo.',
  'connection.retry': '{trouble} Nuevo intento en {seconds} s…',
  'trouble.noAnswer': 'Conexión perdida.',
  'trouble.notFound': 'El servicio de chat no está donde estaba.',
  'trouble.tooMany': 'El servidor pide ir más despacio.',
  'trouble.other': 'El servidor tiene un problema ({code}).',
  'sending.noAnswer': 'Sin conexión: sus mensajes esperan aquí y saldrán cuando vuelva.',
  'sending.notReady': 'El chat no está listo para mensajes: los suyos esperan aquí.',
  'sending.tooMany':
    'Demasiados mensajes a la vez, o la otra persona no ha leído aún los últimos {count}. Los suyos esperan aquí.',
  'sending.other': 'El servidor tiene un problema ({code}): sus mensajes esperan aquí.',
  'refused.tooLong': 'es demasiado largo',
  'refused.server': 'el servidor lo rechazó',
  'refused.reason': 'el servidor lo rechazó ({reason})',
  'refused.over': 'el chat ha terminado',
  'refused.encryption': 'el navegador no pudo cifrarlo',
  'refused.neverLeft': 'la página se fue antes',
  'delivery.sending': 'enviando…',
  'delivery.waiting': 'aún sin enviar, se reintentará',
  'delivery.refused': 'no enviado: {reason}',
  'delivery.sent': 'Enviado: espera en el servidor a la otra persona',
  'delivery.delivered':
    'Entregado al navegador de la otra persona y borrado del servidor, dice el servidor',
  'delivery.confirmed': 'Confirmado por la otra persona',
  'delivery.unconfirmed': 'sin confirmar: quizá la otra persona no pudo leerlo',
  'delivery.repeated': 'sin confirmar; enviado otra vez más abajo',
  'delivery.again': 'Enviar otra vez',
  'composer.draft': 'Podrá enviar en cuanto entre la otra persona.',
  'composer.closed': 'El chat está cerrado.',
  'composer.noKeys': 'Podrá escribir en cuanto ambos tengan las mismas claves.',
  'composer.left': {
    one: 'Queda {count} carácter',
    many: 'Quedan {count} de caracteres',
    other: 'Quedan {count} caracteres',
  },
  'composer.parts': {
    one: 'Se enviará como {count} mensaje',
    many: 'Se enviará como {count} de mensajes',
    other: 'Se enviará como {count} mensajes',
  },
  'composer.tooLong':
    'Demasiado largo para enviarlo de una vez: unos {count} caracteres como mucho.',
  'log.unread': 'Sin leer',
  'log.earlier': 'escrito antes',
  'log.otherTabGone':
    'La pestaña que tenía el chat ya no está: lo dicho allí no se puede mostrar aquí.',
  'log.you': 'Usted:',
  'log.talker': 'La otra persona:',
  'presence.waiting': 'Esperando a la otra persona',
  'presence.here': 'La otra persona está aquí',
  'presence.typing': 'La otra persona escribe…',
  'presence.away': 'La otra persona no está',
  'presence.awayUntil':
    'La otra persona no está desde las {since}. El chat espera hasta las {until}.',
  'presence.awayToEnd': 'La otra persona no está desde las {since}. El chat espera hasta su final.',
  'presence.elsewhere': 'Abierto en otro lugar',
  'presence.over': 'El chat ha terminado',
  'expiry.at': 'Termina {when} como muy tarde',
  'expiry.hours': 'Quedan {hours} h {minutes} min',
  'expiry.minutes': 'Quedan {minutes} min',
  'expiry.clock': 'Quedan {clock}',
  'expiry.soon': {
    one: 'Este chat termina en {count} minuto. Guarde ahora lo que quiera conservar.',
    many: 'Este chat termina en {count} de minutos. Guarde ahora lo que quiera conservar.',
    other: 'Este chat termina en {count} minutos. Guarde ahora lo que quiera conservar.',
  },
  'absence.closes': 'Si alguno de los dos falta durante {duration}, el chat se cierra para ambos.',
  'absence.never': 'El chat espera a los dos hasta su final, por mucho que alguien falte.',
  'duration.minutes': {
    one: '{count} minuto',
    many: '{count} de minutos',
    other: '{count} minutos',
  },
  'duration.hours': { one: '{count} hora', many: '{count} de horas', other: '{count} horas' },
  'title.chat': 'Chat - SFChat',
  'title.joined': 'Ya está aquí - SFChat',
  'title.closed': 'Chat cerrado - SFChat',
  'title.unread': '({count}) {title}',
  'notification.joined': 'La otra persona ha entrado.',
  'notification.message': 'Hay un mensaje nuevo.',
  'notification.closed': 'El chat ha terminado.',
  'event.created': '¡Bienvenido a SFChat! Envíe la invitación a la otra persona',
  'event.createdPlain': '¡Bienvenido a SFChat! Envíe el código {code} a la otra persona',
  'event.joined': 'La otra persona ha entrado en el chat',
  'event.ready': 'El chat está listo',
  'event.closedByTalker': 'Gracias por usar SFChat. La otra persona cerró el chat.',
  'event.closedByYou': 'Gracias por usar SFChat. El chat se ha cerrado.',
  'event.absent':
    'Gracias por usar SFChat. El chat se cerró automáticamente: la otra persona se fue.',
  'event.expired':
    'Gracias por usar SFChat. Se acabó el tiempo del chat y se cerró automáticamente.',
  'event.intruder': 'Otra persona intentó usar su invitación.',
  'end.closed': 'Este chat está cerrado. Su texto desaparece cuando deje esta página.',
  'end.removed': 'Este chat ha terminado o se ha eliminado.',
  'end.superseded': 'Este chat está abierto en otra pestaña o ventana. Aquí se ha detenido.',
  'end.keysLost':
    'Este navegador ha perdido las claves del chat, así que no puede seguir aquí. Se cerró para los dos.',
  'end.countdown': 'En {seconds} s se vuelve al inicio.',
  'close.confirm': 'Cerrar chat',
  'close.busy': 'Cerrando…',
  'close.unsent': {
    one: 'Un mensaje no se ha enviado aún y se perdería.',
    many: '{count} de mensajes no se han enviado aún y se perderían.',
    other: '{count} mensajes no se han enviado aún y se perderían.',
  },
  'share.title': 'SFChat',
  'share.text': 'Hablemos, solo nosotros dos:',
  'share.failed': 'No se pudo compartir. Copie el enlace en su lugar.',
  'qr.show': 'Mostrar código QR',
  'qr.hide': 'Ocultar código QR',
  'qr.label': 'Código QR del enlace de invitación',
  'qr.failed': 'No se pudo cargar el código QR. Copie el enlace en su lugar.',
  'copy.codeDone': 'Código copiado.',
  'copy.linkDone': 'Enlace copiado.',
  'copy.codeSelected': 'El código está seleccionado: cópielo con Ctrl+C o con el menú.',
  'copy.linkSelected': 'El enlace está seleccionado: cópielo con Ctrl+C o con el menú.',
  'security.plain': 'Sin cifrar',
  'security.awaited': 'Claves: cuando entre alguien',
  'security.exchanging': 'Intercambio de claves',
  'security.encrypted': 'Cifrado',
  'security.compared': 'Cifrado y comparado',
  'security.warning': 'Aviso',
  'security.plainMeans':
    'Quien gestiona este servidor puede leer lo que escriben. Un chat creado en la página de inicio va cifrado.',
  'security.awaitedMeans':
    'Aún no se puede escribir: su navegador y el de la otra persona acordarán claves en cuanto ella entre.',
  'security.exchangingMeans':
    'Aún no se puede escribir: su navegador y el de la otra persona acordarán claves en cuanto estén los dos.',
  'security.encryptedMeans':
    'Solo su navegador y el que entró pueden leer lo que escriben. Si ese es el de la otra persona, lo dicen las palabras.',
  'security.comparedMeans':
    'Ha comparado las palabras de las claves en uso: solo ustedes dos pueden leer esto.',
  'security.warningMeans':
    'Cada aviso está también en la conversación, en el lugar al que se refiere.',
  'security.noKeys':
    'No hay claves, así que no se puede escribir. Si un nuevo intento no ayuda, cierre el chat y use otra invitación por otro canal.',
  'security.noWords':
    'No se pudieron cargar las palabras. Compruebe su conexión o recargue la página.',
  'keys.secured':
    'Claves intercambiadas. Desde aquí los mensajes van cifrados de extremo a extremo.',
  'keys.securedAgain':
    'Hay claves nuevas: uno de los dos había perdido las antiguas o pidió otras. Comparen otra vez las cuatro palabras.',
  'keys.lostByReload':
    'Su navegador no guarda claves aquí, y la recarga las perdió: lo dicho antes ya no se puede mostrar, y se intercambian claves nuevas.',
  'keys.unusable': 'El navegador no pudo usar las claves de este chat. Recargue la página.',
  'keys.limit': 'En este chat se intercambiaron claves cinco veces; no se permiten más.',
  'keys.failed': 'No se pudieron acordar claves: {reason}. No se puede enviar nada.',
  'keys.failedAgain': 'Falló un nuevo intercambio de claves: {reason}. Siguen las claves en uso.',
  'handshake.commitment': 'llegó una clave distinta de la anunciada',
  'handshake.authentication': 'el otro lado no conoce el código, o se alteró un mensaje',
  'handshake.publicKey': 'el otro lado envió algo que no es una clave',
  'handshake.malformed': 'un mensaje se dañó o se alteró',
  'handshake.tooMany': 'se intentó cinco veces, y en un chat no se permiten más',
  'message.late': 'El mensaje de arriba llegó tarde: antes se dio por perdido.',
  'message.missing': {
    one: 'Aquí falta un mensaje.',
    many: 'Aquí faltan {count} de mensajes.',
    other: 'Aquí faltan {count} mensajes.',
  },
  'message.unreadable':
    'Un mensaje no se pudo leer: se alteró por el camino, o es para claves perdidas.',
  'message.contradiction':
    'El servidor dice que se entregó un mensaje suyo, pero la otra persona no lo confirma.',
  'ignored.notEncrypted': 'Llegó un mensaje sin cifrar. No se muestra.',
  'ignored.unknownKind': 'Llegó un mensaje de tipo desconocido. No se muestra.',
  'ignored.unexpectedStep':
    'Alguien envió parte de un intercambio de claves que nadie espera. Se ignoró.',
  'ignored.forgedRestart': 'Alguien sin el código pidió claves nuevas. Se ignoró.',
  'ignored.tooMany': 'Se pidieron claves nuevas demasiadas veces. Siguen las claves en uso.',
};
