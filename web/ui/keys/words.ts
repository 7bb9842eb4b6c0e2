import { defineWords } from '../words.ts';

export const words = defineWords({
  en: {
    title: 'Keyboard shortcuts',
    on: 'Shortcuts of one character are on',
    hint: 'They never act while you type. Switch them off if you speak to your computer, or if keys are pressed by accident.',
    andThen: 'then',
    or: 'or',
  },
  es: {
    title: 'Atajos de teclado',
    on: 'Los atajos de un solo carácter están activados',
    hint: 'Nunca actúan mientras escribe. Desactívelos si le habla a su ordenador o si pulsa teclas sin querer.',
    andThen: 'y luego',
    or: 'o',
  },
});
