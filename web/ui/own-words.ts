import { defineWords } from './words.ts';

export const words = defineWords({
  en: { close: 'Close', messages: 'Messages' },
  es: { close: 'Cerrar', messages: 'Mensajes' },
});
