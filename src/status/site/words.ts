/** The site's words, in both languages side by side. */
import type { Component, DeclaredState } from '#incident/declared/api.ts';
import type { Level, SiteLanguage } from '../api.ts';

type SiteWords = {
  readonly title: string;
  readonly otherLanguage: string;
  readonly skip: string;
  readonly components: Readonly<Record<Component, string>>;
  readonly about: Readonly<Record<Component, string>>;
  readonly levels: Readonly<Record<Level, string>>;
  readonly states: Readonly<Record<DeclaredState, string>>;
  readonly allWell: string;
  /** @param names of components, joined */
  readonly headline: Readonly<Record<Exclude<Level, 'ok'>, (names: string) => string>>;
  readonly asOf: string;
  readonly age: string;
  /** What the script puts there; `{n}` is a number. */
  readonly ages: { readonly now: string; readonly minute: string; readonly minutes: string; readonly hour: string; readonly hours: string; readonly days: string };
  readonly stale: string;
  readonly newer: string;
  readonly notMeasured: (when: string) => string;
  readonly restoration: (range: string) => string;
  readonly openIncidents: string;
  readonly planned: string;
  readonly parts: string;
  readonly since: (when: string) => string;
  readonly ago: string;
  readonly today: string;
  readonly days: (days: number, down: string, degraded: string) => string;
  readonly noTrouble: string;
  readonly notYetKnown: string;
  readonly daysWithTrouble: string;
  readonly minutes: (count: number) => string;
  readonly hours: (count: number) => string;
  readonly dayLine: (down: string | undefined, degraded: string | undefined) => string;
  readonly moving: string;
  readonly moved: (moved: string, all: string) => string;
  readonly paused: string;
  readonly forecast: (range: string) => string;
  readonly forecastMade: (when: string) => string;
  readonly follow: string;
  readonly byMail: string;
  readonly byMailHint: string;
  readonly feed: string;
  readonly feedHint: string;
  readonly machine: string;
  readonly machineHint: string;
  readonly mine: string;
  readonly mineHint: string;
  readonly mineCode: string;
  readonly mineSignIn: string;
  readonly past: string;
  readonly nonePast: string;
  readonly began: string;
  readonly ended: string;
  readonly touches: string;
  readonly back: string;
  readonly how: string;
  readonly untranslated: string;
};

export const WORDS: Readonly<Record<SiteLanguage, SiteWords>> = {
  en: {
    title: 'Service status',
    otherLanguage: 'Español',
    skip: 'To the status',
    components: { 'sign-in': 'Sign-in', webmail: 'Webmail', imap: 'Mail programs (IMAP)', pop3: 'Mail programs (POP3)', sending: 'Sending mail', receiving: 'Receiving mail', moving: 'Moving of mailboxes' },
    about: {
      'sign-in': 'whether a right password is accepted',
      webmail: 'mail in the browser',
      imap: 'on phones and computers',
      pop3: 'programs that fetch mail',
      sending: 'what you write, on its way',
      receiving: 'what others write to you',
      moving: 'to the new mail system',
    },
    levels: { ok: 'Works', planned: 'Planned work', unknown: 'Not known', degraded: 'Disturbed', down: 'Out of order' },
    states: { investigating: 'We are looking into it', identified: 'Cause found', monitoring: 'Mended, and watched', planned: 'Planned', 'under-way': 'Under way', resolved: 'Over' },
    allWell: 'Everything works',
    headline: {
      down: (names) => `Out of order: ${names}`,
      degraded: (names) => `Disturbed: ${names}`,
      unknown: () => 'At the moment we cannot tell',
      planned: (names) => `Planned work: ${names}`,
    },
    asOf: 'As of',
    age: 'This page is written anew every minute. If it is much later now, it could not be, and things may have changed.',
    ages: { now: 'less than a minute ago', minute: 'a minute ago', minutes: '{n} minutes ago', hour: 'an hour ago', hours: '{n} hours ago', days: '{n} days ago' },
    stale: 'This page is old: what writes it is out of reach itself. What it says was so then.',
    newer: 'There is a newer page: show it',
    notMeasured: (when) => `Nothing could be measured since ${when}.`,
    restoration: (range) => `By what is measured, nearly everybody will be served again in this time: ${range}.`,
    openIncidents: 'What is wrong now',
    planned: 'Planned work',
    parts: 'The parts, and their last 90 days',
    since: (when) => `since ${when}`,
    ago: '90 days ago',
    today: 'today',
    days: (days, down, degraded) => `90 days: trouble on ${days === 1 ? 'one' : days}. Out of order ${down}, disturbed ${degraded}.`,
    noTrouble: '90 days: no trouble on those that were measured.',
    notYetKnown: '90 days: not measured yet.',
    daysWithTrouble: 'Days with trouble',
    minutes: (count) => `${count} min`,
    hours: (count) => `${count} h`,
    dayLine: (down, degraded) => [down === undefined ? '' : `out of order ${down}`, degraded === undefined ? '' : `disturbed ${degraded}`].filter((each) => each !== '').join(', '),
    moving: 'Moving to the new mail system',
    moved: (moved, all) => `${moved} of ${all} mailboxes have moved.`,
    paused: 'The move is paused. Mailboxes work where they are.',
    forecast: (range) => `By what was moved so far, the last one will have moved in this time: ${range}.`,
    forecastMade: (when) => `Reckoned ${when}; it is reckoned again as mailboxes move.`,
    follow: 'Be told of changes',
    byMail: 'By mail',
    byMailHint: 'To any address; best to one that is not with us.',
    feed: 'Atom feed',
    feedHint: 'For feed readers.',
    machine: 'status.json',
    machineHint: 'For programs.',
    mine: 'And your own mailbox?',
    mineHint: 'Where it is, whether it has moved, and when it will. Nobody learns that by typing an address.',
    mineCode: 'With the code from our letter',
    mineSignIn: 'In the webmail',
    past: 'The last 90 days',
    nonePast: 'Nothing was announced.',
    began: 'Began',
    ended: 'Ended',
    touches: 'Concerns',
    back: 'Service status',
    how: 'Measured by the mail service itself, and written as plain files that are served even when it is down.',
    untranslated: '',
  },
  es: {
    title: 'Estado del servicio',
    otherLanguage: 'English',
    skip: 'Ir al estado',
    components: { 'sign-in': 'Inicio de sesión', webmail: 'Correo web', imap: 'Programas de correo (IMAP)', pop3: 'Programas de correo (POP3)', sending: 'Envío de correo', receiving: 'Recepción de correo', moving: 'Traslado de buzones' },
    about: {
      'sign-in': 'si se acepta la contraseña correcta',
      webmail: 'el correo en el navegador',
      imap: 'en móviles y ordenadores',
      pop3: 'programas que descargan el correo',
      sending: 'lo que usted escribe, en camino',
      receiving: 'lo que otros le escriben',
      moving: 'al nuevo sistema de correo',
    },
    levels: { ok: 'Funciona', planned: 'Trabajo previsto', unknown: 'Sin datos', degraded: 'Con problemas', down: 'No funciona' },
    states: { investigating: 'Lo estamos investigando', identified: 'Causa encontrada', monitoring: 'Reparado, en observación', planned: 'Previsto', 'under-way': 'En curso', resolved: 'Terminado' },
    allWell: 'Todo funciona',
    headline: {
      down: (names) => `No funciona: ${names}`,
      degraded: (names) => `Con problemas: ${names}`,
      unknown: () => 'En este momento no lo sabemos',
      planned: (names) => `Trabajo previsto: ${names}`,
    },
    asOf: 'Escrito el',
    age: 'Esta página se escribe de nuevo cada minuto. Si ahora es mucho más tarde, no fue posible, y puede haber cambios.',
    ages: { now: 'hace menos de un minuto', minute: 'hace un minuto', minutes: 'hace {n} minutos', hour: 'hace una hora', hours: 'hace {n} horas', days: 'hace {n} días' },
    stale: 'Esta página es antigua: quien la escribe tampoco está disponible. Lo que dice valía entonces.',
    newer: 'Hay una página más reciente: mostrarla',
    notMeasured: (when) => `No se ha podido medir nada desde ${when}.`,
    restoration: (range) => `Según lo que se mide, casi todos volverán a tener servicio en este plazo: ${range}.`,
    openIncidents: 'Qué falla ahora',
    planned: 'Trabajos previstos',
    parts: 'Las partes y sus últimos 90 días',
    since: (when) => `desde ${when}`,
    ago: 'hace 90 días',
    today: 'hoy',
    days: (days, down, degraded) => `90 días: problemas en ${days === 1 ? 'uno' : days}. Sin funcionar ${down}, con problemas ${degraded}.`,
    noTrouble: '90 días: ningún problema en los que se midieron.',
    notYetKnown: '90 días: aún sin medir.',
    daysWithTrouble: 'Días con problemas',
    minutes: (count) => `${count} min`,
    hours: (count) => `${count} h`,
    dayLine: (down, degraded) => [down === undefined ? '' : `sin funcionar ${down}`, degraded === undefined ? '' : `con problemas ${degraded}`].filter((each) => each !== '').join(', '),
    moving: 'Traslado al nuevo sistema de correo',
    moved: (moved, all) => `Se han trasladado ${moved} de ${all} buzones.`,
    paused: 'El traslado está en pausa. Los buzones funcionan donde están.',
    forecast: (range) => `Por lo trasladado hasta ahora, el último se habrá trasladado en este plazo: ${range}.`,
    forecastMade: (when) => `Calculado el ${when}; se calcula de nuevo según avanza el traslado.`,
    follow: 'Recibir avisos',
    byMail: 'Por correo',
    byMailHint: 'A cualquier dirección; mejor a una que no sea nuestra.',
    feed: 'Canal Atom',
    feedHint: 'Para lectores de noticias.',
    machine: 'status.json',
    machineHint: 'Para programas.',
    mine: '¿Y su propio buzón?',
    mineHint: 'Dónde está, si se ha trasladado y cuándo se trasladará. Nadie lo averigua escribiendo una dirección.',
    mineCode: 'Con el código de nuestra carta',
    mineSignIn: 'En el correo web',
    past: 'Los últimos 90 días',
    nonePast: 'No se anunció nada.',
    began: 'Comenzó',
    ended: 'Terminó',
    touches: 'Afecta a',
    back: 'Estado del servicio',
    how: 'Lo mide el propio servicio de correo, y se escribe en archivos sencillos que se sirven aunque el servicio esté caído.',
    untranslated: 'Texto disponible solo en inglés.',
  },
};
