import { defineWords } from '../words.ts';

export const words = defineWords({
  en: { show: 'Show the password' },
  es: { show: 'Mostrar la contraseña' },
});
