import { defineWords } from './words.ts';

export const words = defineWords({
  en: { close: 'Close', menu: 'Menu', messages: 'Messages' },
  es: { close: 'Cerrar', menu: 'Menú', messages: 'Mensajes' },
});
