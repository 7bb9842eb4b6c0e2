/** The sections of the settings page, in their order. Another area adds one here; each is loaded when it is opened. */
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { IconName } from '#ui/icons.ts';
import type { Words } from '#ui/words.ts';

export type Section = {
  /** In the address: `/settings/ID`. */
  readonly id: string;
  readonly icon: IconName;
  readonly words: Words<{ readonly title: string; readonly about: string }>;
  readonly Page: LazyExoticComponent<ComponentType>;
};

export const SECTIONS: readonly Section[] = [
  {
    id: 'general',
    icon: 'settings',
    words: { en: { title: 'General', about: 'Language, looks, and how mail is listed and sent' }, es: { title: 'General', about: 'Idioma, aspecto y cómo se muestra y envía el correo' } },
    Page: lazy(() => import('./General.tsx').then(({ General }) => ({ default: General }))),
  },
  {
    id: 'identities',
    icon: 'person',
    words: { en: { title: 'Names and signatures', about: 'As whom you write, and what stands below' }, es: { title: 'Nombres y firmas', about: 'Con qué nombre escribe y qué aparece al final' } },
    Page: lazy(() => import('./Identities.tsx').then(({ Identities }) => ({ default: Identities }))),
  },
  {
    id: 'away',
    icon: 'clock',
    words: { en: { title: 'While I am away', about: 'A reply that is sent by itself' }, es: { title: 'Mientras no estoy', about: 'Una respuesta que se envía por sí sola' } },
    Page: lazy(() => import('./filters/Away.tsx').then(({ Away }) => ({ default: Away }))),
  },
  {
    id: 'filters',
    icon: 'filter',
    words: { en: { title: 'Filters', about: 'What happens to mail as it comes in' }, es: { title: 'Filtros', about: 'Qué pasa con el correo al llegar' } },
    Page: lazy(() => import('./filters/FiltersPage.tsx').then(({ FiltersPage }) => ({ default: FiltersPage }))),
  },
  {
    id: 'security',
    icon: 'shield',
    words: { en: { title: 'Signing in', about: 'Password, passkeys, codes and app passwords' }, es: { title: 'Inicio de sesión', about: 'Contraseña, llaves de acceso, códigos y contraseñas de aplicación' } },
    Page: lazy(() => import('./security/Security.tsx').then(({ Security }) => ({ default: Security }))),
  },
  {
    id: 'devices',
    icon: 'globe',
    words: { en: { title: 'Devices and history', about: 'Where you are signed in, and who came to the door' }, es: { title: 'Dispositivos e historial', about: 'Dónde tiene la sesión iniciada y quién ha llamado a la puerta' } },
    Page: lazy(() => import('./security/Devices.tsx').then(({ Devices }) => ({ default: Devices }))),
  },
  {
    id: 'mailbox',
    icon: 'moved',
    words: { en: { title: 'Your mailbox', about: 'Where it is, whether it has moved, and when it will' }, es: { title: 'Su buzón', about: 'Dónde está, si se ha trasladado y cuándo se trasladará' } },
    Page: lazy(() => import('../moved/Own.tsx').then(({ Own }) => ({ default: Own }))),
  },
];
