/** The words of the forms beside the site: asking for letters, confirming, ending, the code. */
import type { OwnAnswer } from '#cutover/answer/api.ts';
import type { SiteLanguage } from '../api.ts';

type Told = { readonly title: string; readonly text: string };
type FormWords = {
  readonly subscribe: string;
  readonly subscribeText: string;
  readonly address: string;
  readonly addressHint: string;
  readonly which: string;
  readonly whichHint: string;
  readonly ask: string;
  readonly asked: Told;
  readonly noAddress: Told;
  readonly tooMany: Told;
  readonly oldForm: Told;
  readonly outage: Told;
  readonly nothingHere: Told;
  readonly confirm: string;
  readonly confirmText: string;
  readonly confirmAct: string;
  readonly confirmed: Told;
  readonly linkGone: Told;
  readonly end: string;
  readonly endText: string;
  readonly endAct: string;
  readonly ended: Told;
  readonly mine: string;
  readonly mineText: string;
  readonly code: string;
  readonly codeHint: string;
  readonly show: string;
  readonly noCode: Told;
  readonly unknownCode: Told;
  readonly places: Readonly<Record<OwnAnswer['place'], Told>>;
  readonly movedAt: (when: string) => string;
  readonly willMove: (range: string) => string;
  readonly noForecast: string;
  readonly paused: string;
};

export const FORM_WORDS: Readonly<Record<SiteLanguage, FormWords>> = {
  en: {
    subscribe: 'Updates by mail',
    subscribeText: 'You get a letter when something is wrong, when there is news of it, when it is over, and before planned work.',
    address: 'Your address',
    addressHint: 'Best one that is not with us: when our mail is out of order, letters to it wait.',
    which: 'About what?',
    whichHint: 'Nothing chosen means everything.',
    ask: 'Ask for updates',
    asked: { title: 'Look into your mail', text: 'We have sent a letter to that address. Updates begin when you confirm by the link in it. If nothing comes within ten minutes, look among junk.' },
    noAddress: { title: 'That is no address', text: 'Please write it as you give it to others: name@example.org.' },
    tooMany: { title: 'Too many tries', text: 'Please try again in an hour.' },
    oldForm: { title: 'This form was open for too long', text: 'Please send it once more.' },
    outage: { title: 'This does not work at the moment', text: 'Please try again in some minutes. The status pages themselves are up to date as far as they say.' },
    nothingHere: { title: 'There is nothing here', text: 'Please check the address.' },
    confirm: 'Confirm the updates',
    confirmText: 'Updates on the mail service will be sent to this address:',
    confirmAct: 'Yes, send them',
    confirmed: { title: 'Done', text: 'From now on you get each update once. Each letter has a link that ends it.' },
    linkGone: { title: 'This link does not work any more', text: 'It was used, or it is older than two days. You can ask for another.' },
    end: 'End the updates',
    endText: 'No more updates will be sent to your address.',
    endAct: 'End them',
    ended: { title: 'Done', text: 'No more updates are sent to your address, and we have forgotten it.' },
    mine: 'Your own mailbox',
    mineText: 'Type the code from our letter. It says nothing about you to anybody else, and nobody can ask by an address.',
    code: 'Code',
    codeHint: 'Sixteen letters and digits, for example 7Q2M-0XKD-9W3T-H5VE',
    show: 'Show',
    noCode: { title: 'That is not a code of ours', text: 'A character seems to be missing or mistyped. Please compare it with the letter.' },
    unknownCode: { title: 'We do not know this code', text: 'It may have expired. The newest letter has the one that works.' },
    places: {
      stays: { title: 'Your mailbox stays where it is', text: 'No move is planned for it.' },
      planned: { title: 'Your mailbox has not moved yet', text: 'It works as ever. There is nothing that you need to do.' },
      copying: { title: 'Your mail is being copied', text: 'Your mailbox works as ever meanwhile, and stays where it is until the copy is complete.' },
      moving: { title: 'Your mailbox is moving at this moment', text: 'Signing in may wait some seconds.' },
      moved: { title: 'Your mailbox has moved', text: 'Your password and settings stay as they are. The webmail shows what was compared.' },
      waits: { title: 'Your mailbox is still at its old place', text: 'It could not be moved at the first try, and a person is looking after it. It works as ever; nothing is lost.' },
    },
    movedAt: (when) => `It moved on ${when}.`,
    willMove: (range) => `By what was moved so far, it will have moved in this time: ${range}.`,
    noForecast: 'When that is cannot be told yet.',
    paused: 'The move is paused at the moment.',
  },
  es: {
    subscribe: 'Avisos por correo',
    subscribeText: 'Recibirá un mensaje cuando algo falle, cuando haya novedades, cuando termine, y antes de los trabajos previstos.',
    address: 'Su dirección',
    addressHint: 'Mejor una que no sea nuestra: si nuestro correo no funciona, los mensajes esperan.',
    which: '¿Sobre qué?',
    whichHint: 'Si no elige nada, sobre todo.',
    ask: 'Pedir los avisos',
    asked: { title: 'Mire su correo', text: 'Hemos enviado un mensaje a esa dirección. Los avisos comienzan cuando confirme con el enlace que contiene. Si no llega en diez minutos, mire en el correo no deseado.' },
    noAddress: { title: 'Eso no es una dirección', text: 'Escríbala como la da a otros: nombre@ejemplo.org.' },
    tooMany: { title: 'Demasiados intentos', text: 'Inténtelo de nuevo dentro de una hora.' },
    oldForm: { title: 'Este formulario estuvo abierto demasiado tiempo', text: 'Envíelo otra vez, por favor.' },
    outage: { title: 'Esto no funciona en este momento', text: 'Inténtelo de nuevo en unos minutos. Las páginas de estado dicen de cuándo son.' },
    nothingHere: { title: 'Aquí no hay nada', text: 'Compruebe la dirección, por favor.' },
    confirm: 'Confirmar los avisos',
    confirmText: 'Los avisos sobre el servicio de correo se enviarán a esta dirección:',
    confirmAct: 'Sí, envíenlos',
    confirmed: { title: 'Hecho', text: 'Desde ahora recibirá cada aviso una vez. Cada mensaje lleva un enlace para terminar.' },
    linkGone: { title: 'Este enlace ya no sirve', text: 'Se usó, o tiene más de dos días. Puede pedir otro.' },
    end: 'Terminar los avisos',
    endText: 'No se enviarán más avisos a su dirección.',
    endAct: 'Terminar',
    ended: { title: 'Hecho', text: 'No se envían más avisos a su dirección, y la hemos olvidado.' },
    mine: 'Su propio buzón',
    mineText: 'Escriba el código de nuestra carta. No dice nada de usted a nadie más, y nadie puede preguntar con una dirección.',
    code: 'Código',
    codeHint: 'Dieciséis letras y cifras, por ejemplo 7Q2M-0XKD-9W3T-H5VE',
    show: 'Mostrar',
    noCode: { title: 'Ese no es un código nuestro', text: 'Parece que falta o está mal un carácter. Compárelo con la carta, por favor.' },
    unknownCode: { title: 'No conocemos este código', text: 'Puede haber caducado. La carta más reciente lleva el que sirve.' },
    places: {
      stays: { title: 'Su buzón se queda donde está', text: 'No hay ningún traslado previsto para él.' },
      planned: { title: 'Su buzón aún no se ha trasladado', text: 'Funciona como siempre. Usted no tiene que hacer nada.' },
      copying: { title: 'Se está copiando su correo', text: 'Mientras tanto su buzón funciona como siempre, y se queda donde está hasta que la copia esté completa.' },
      moving: { title: 'Su buzón se traslada en este momento', text: 'El inicio de sesión puede tardar unos segundos.' },
      moved: { title: 'Su buzón se ha trasladado', text: 'Su contraseña y sus ajustes siguen igual. El correo web muestra lo que se comparó.' },
      waits: { title: 'Su buzón sigue en el lugar de antes', text: 'No se pudo trasladar al primer intento, y una persona se ocupa de ello. Funciona como siempre; no se ha perdido nada.' },
    },
    movedAt: (when) => `Se trasladó el ${when}.`,
    willMove: (range) => `Por lo trasladado hasta ahora, se habrá trasladado en este plazo: ${range}.`,
    noForecast: 'Aún no se puede decir cuándo.',
    paused: 'El traslado está en pausa en este momento.',
  },
};
