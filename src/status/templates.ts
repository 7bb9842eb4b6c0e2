/** Beginnings of what is written in a hurry, in both languages. `…` is what only a person can know. */
import type { Template } from './api.ts';

export const TEMPLATES: readonly Template[] = [
  {
    name: 'Sign-in fails',
    title: 'Sign-in fails for some customers',
    titleEs: 'Algunos clientes no pueden iniciar sesión',
    components: ['sign-in'],
    impact: 'major',
    planned: false,
    texts: [
      { state: 'investigating', text: 'Since … some customers cannot sign in. Your password is not the reason: please do not change it, and do not try again and again. We are looking into it.', textEs: 'Desde las … algunos clientes no pueden iniciar sesión. La causa no es su contraseña: no la cambie ni lo intente una y otra vez. Lo estamos investigando.' },
      { state: 'identified', text: 'The server that checks passwords is out of order. Who was signed in stays so, and known devices go on working. We expect it back by ….', textEs: 'El servidor que comprueba las contraseñas no funciona. Quien había iniciado sesión sigue dentro, y los dispositivos conocidos siguen funcionando. Esperamos que vuelva a las ….' },
      { state: 'monitoring', text: 'Sign-in works again. We keep watching.', textEs: 'Ya se puede iniciar sesión. Seguimos atentos.' },
      { state: 'resolved', text: 'Sign-in works. Nothing was lost: mail that came meanwhile is in your mailbox.', textEs: 'El inicio de sesión funciona. No se ha perdido nada: el correo que llegó mientras tanto está en su buzón.' },
    ],
  },
  {
    name: 'Mail is delayed',
    title: 'Mail arrives late',
    titleEs: 'El correo llega con retraso',
    components: ['receiving'],
    impact: 'minor',
    planned: false,
    texts: [
      { state: 'investigating', text: 'Mail to some mailboxes arrives late. Nothing is lost: it waits, and comes by itself.', textEs: 'El correo a algunos buzones llega con retraso. No se pierde nada: espera, y llega por sí solo.' },
      { state: 'resolved', text: 'What waited has arrived.', textEs: 'Lo que esperaba ya ha llegado.' },
    ],
  },
  {
    name: 'The move is paused',
    title: 'The move to the new mail system is paused',
    titleEs: 'El traslado al nuevo sistema de correo está en pausa',
    components: ['moving'],
    impact: 'minor',
    planned: false,
    texts: [
      { state: 'identified', text: 'We have paused the move because …. Mailboxes work where they are. Nobody needs to do anything.', textEs: 'Hemos pausado el traslado porque …. Los buzones funcionan donde están. Nadie tiene que hacer nada.' },
      { state: 'resolved', text: 'The move goes on.', textEs: 'El traslado continúa.' },
    ],
  },
  {
    name: 'Planned move',
    title: 'Mailboxes move to the new mail system',
    titleEs: 'Traslado de buzones al nuevo sistema de correo',
    components: ['moving'],
    impact: 'minor',
    planned: true,
    texts: [
      { state: 'planned', text: 'We move mailboxes to the new mail system. Yours works all the time, but for about a second in which signing in waits. Passwords and settings stay as they are.', textEs: 'Trasladamos buzones al nuevo sistema de correo. El suyo funciona todo el tiempo, salvo alrededor de un segundo en el que el inicio de sesión espera. Las contraseñas y los ajustes siguen igual.' },
      { state: 'under-way', text: 'The move has begun.', textEs: 'El traslado ha comenzado.' },
      { state: 'resolved', text: 'The move is complete. Every mailbox was compared with its old place.', textEs: 'El traslado ha terminado. Cada buzón se comparó con su lugar anterior.' },
    ],
  },
];
