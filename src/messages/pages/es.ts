import type { PageTexts } from './en.ts';

/** What the pages say, in Spanish. */
export const es: PageTexts = {
  'nav.skip': 'Ir al contenido',
  'nav.about': 'Sobre SFChat',
  'nav.home': 'Inicio',
  'nav.faq': 'Preguntas',
  'nav.privacy': 'Privacidad',
  'nav.license': 'Licencia',
  'nav.language': 'Idioma',
  'noscript.text':
    'SFChat funciona en su navegador y necesita JavaScript, que aquí está desactivado. Permítalo para esta página.',
  'notFound.title': 'No encontrado - SFChat',
  'notFound.description': 'No hay tal página en este servidor.',
  'notFound.heading': 'Esta página no existe',
  'notFound.text': 'Quizá la dirección esté mal escrita, o la página ya no esté.',
  'notFound.home': 'Volver al inicio',
  'faq.title': 'Preguntas y respuestas - SFChat',
  'faq.description': 'Cómo usar SFChat, quién puede entrar y qué pasa cuando alguien se va.',
  'privacy.title': 'Privacidad - SFChat',
  'privacy.description': 'Qué ve un servidor de SFChat, qué guarda y por cuánto tiempo.',
  'privacy.counted':
    '<strong>Estadísticas:</strong> quien gestiona este servidor deja que Google Analytics cuente cuántos chats se crean y en cuántos se entra. Cuando usted pulsa Crear o Entrar en la página de inicio, su navegador se lo dice a <q>www.google-analytics.com</q>, y nada más; Google ve entonces su dirección de red. No hay ninguna cookie suya, no se carga su programa, y la página del chat no le envía nada.',
  'privacy.uncounted':
    'Nada de terceros: ni fuentes, ni estadísticas, ni publicidad, ni otro servidor que este.',
  'license.title': 'Licencia - SFChat',
  'license.description': 'SFChat es software libre bajo la licencia BSD de 3 cláusulas.',
  'license.heading': 'Licencia',
  'license.intro': 'SFChat es software libre bajo la licencia BSD de 3 cláusulas (en inglés):',
  'home.title': 'SFChat: Secure Free Chat',
  'home.description':
    'Dos personas hablan en el navegador con un código de invitación. Sin cuenta, sin historial.',
  'home.heading': 'Dos personas, un código, sin historial',
  'home.lead':
    'Cree un chat, dé su código de invitación a una persona y hablen<span class="when-encrypted">, con cifrado de extremo a extremo</span>. Sin cuenta, y no queda nada cuando lo cierran.',
  'home.chatGone':
    'El chat de esa notificación ya no está abierto. Una vez cerrada su pestaña, no se puede volver a él en este navegador.',
  'home.resume': 'Tiene un chat en esta pestaña',
  'home.resumeText': 'Si crea otro aquí o entra en otro, deja este.',
  'home.resumeBack': 'Volver a su chat',
  'home.insecure': 'En esta dirección no hay cifrado',
  'home.insecureText':
    'Los navegadores solo cifran en páginas que llegan por <q>https</q>, y esta no llegó así. Pida una dirección <q>https</q> a quien gestiona el servidor. Aquí solo hay un chat sin cifrar: quien gestiona el servidor, o escucha por el camino, puede leerlo.',
  'home.create': 'Empezar un chat',
  'home.createText': 'Recibe un código de invitación para la persona con quien quiere hablar.',
  'home.absence': 'Si alguno de los dos falta, el chat espera',
  'home.absenceShort': '6 minutos',
  'home.absenceHour': '1 hora',
  'home.absenceNever': 'hasta su final',
  'home.absenceHint':
    'Faltar es: página cerrada, sin conexión, o un teléfono dormido en el bolsillo.',
  'home.createButton': 'Crear chat',
  'home.others': 'Para otros programas',
  'home.othersText':
    'Un programa que no conoce el cifrado de esta página puede entrar en un chat simple. Quien gestiona el servidor puede leerlo.',
  'home.createPlain': 'Crear un chat sin cifrado',
  'home.join': 'Entrar en un chat',
  'home.code': 'Código de invitación',
  'home.codeHint': 'Los 24 caracteres, el enlace o el mensaje entero que recibió.',
  'home.joinButton': 'Entrar',
  'arrival.heading': 'Tiene una invitación',
  'arrival.text': 'Alguien quiere hablar con usted aquí: solo ustedes dos, en este navegador.',
  'arrival.open': 'Abrir esta página no ha gastado nada. Solo entra cuando pulsa el botón.',
  'arrival.once': 'La invitación vale una vez. Después de usted, nadie más puede entrar.',
  'arrival.encrypted': 'Lo que escriben va cifrado entre sus dos navegadores.',
  'arrival.end':
    'Sin cuenta y sin instalar nada. El chat desaparece cuando uno de los dos lo cierra, a las 24 horas como muy tarde.',
  'arrival.plain':
    '<strong>Sin cifrar.</strong> Esta invitación lleva a un chat que puede leer quien gestiona el servidor.',
  'arrival.join': 'Entrar',
  'arrival.decline': 'Ahora no',
  'home.how': 'Cómo funciona',
  'home.how1': 'Uno de los dos crea un chat y envía el código por un canal de confianza.',
  'home.how2': 'El otro entra con él. Un código vale una vez: después no puede entrar nadie más.',
  'home.how3':
    'Sus navegadores acuerdan claves, y solo ellos pueden leer lo que escriben. Con cuatro palabras comprueban que no hay nadie en medio.',
  'home.how4':
    'Un mensaje espera en el servidor<span class="when-encrypted">, cifrado,</span> solo hasta que lo tiene el otro navegador. Un chat vive 24 horas como mucho.',
  'home.faq': 'Preguntas y respuestas',
  'leave.heading': 'Está en un chat en esta pestaña',
  'leave.text':
    'La otra persona esperaría en vano. ¿Cerrar ese chat para ambos antes de entrar en otro, o quedarse en él?',
  'leave.stay': 'Quedarse en ese chat',
  'leave.close': 'Cerrarlo y continuar',

  'chat.title': 'Chat - SFChat',
  'chat.description': 'Un chat entre dos personas en SFChat.',
  'chat.skip': 'Ir al campo de mensaje',
  'chat.home': 'Inicio de SFChat',
  'chat.heading': 'Chat',
  'chat.close': 'Cerrar chat',
  'chat.connecting': 'Conectando…',
  'chat.tryNow': 'Intentar ahora',
  'chat.plain':
    '<strong>Sin cifrar.</strong> Quien gestiona este servidor puede leer lo que escriben.',
  'chat.conversation': 'Conversación',
  'chat.messages': 'Mensajes',
  'chat.invite': 'Invite a una persona',
  'chat.inviteText':
    'Envíe el código o el enlace a quien quiere hablar con usted, por un canal de confianza: entra el primero que lo usa.',
  'chat.share': 'Compartir…',
  'chat.waiting':
    'Esperando a la otra persona. Mientras, puede hacer otra cosa: el título de esta pestaña avisa cuando llegue.',
  'chat.code': 'Código de invitación',
  'chat.copyCode': 'Copiar código',
  'chat.link': 'Enlace de invitación',
  'chat.copyLink': 'Copiar enlace',
  'chat.newMessages': 'Mensajes nuevos',
  'chat.useHere': 'Usarlo aquí',
  'chat.goHome': 'Volver al inicio',
  'chat.newChat': 'Empezar otro chat',
  'chat.remainsServer':
    'En el servidor: nada de lo escrito, en cuanto el otro navegador sepa del final o pasen diez minutos.',
  'chat.remainsTab':
    'En esta pestaña: el texto de arriba, hasta que deje la página. Sus claves ya están borradas.',
  'chat.stay': 'Quedarse aquí',
  'chat.message': 'Su mensaje',
  'chat.send': 'Enviar',
  'chat.sendHint': '<kbd>Enter</kbd> envía, <kbd>Shift</kbd>+<kbd>Enter</kbd> empieza otra línea',
  'chat.options': 'Opciones',
  'chat.optionsHeading': 'Opciones de este chat',
  'chat.sound': 'Un sonido breve cuando pasa algo mientras esta página está oculta',
  'chat.notifications': 'Una notificación para lo mismo. Nunca muestra un texto.',
  'chat.notificationsRefused': 'El navegador no permite notificaciones de esta página.',
  'chat.typing': 'Los dos ven cuándo escribe el otro',
  'chat.words': 'Cuatro palabras para comparar',
  'chat.wordsText':
    'Léanse las palabras, mejor de viva voz: si son iguales en ambos lados, no hay nadie entre ustedes.',
  'chat.wordsMatch': 'Coinciden',
  'chat.wordsDiffer': 'Son distintas',
  'chat.exchangeAnew': 'Intentar otra vez',
  'chat.back': 'Volver al chat',
  'chat.closeHeading': '¿Cerrar este chat?',
  'chat.closeReason':
    'Palabras distintas significan que hay alguien entre ustedes dos que lee. No sigan aquí: encuéntrense por otro canal y usen otra invitación.',
  'chat.closeText':
    'Se cierra para los dos, al momento y para siempre. Su texto se quita de esta pestaña.',
  'chat.closeCancel': 'Seguir hablando',
};
