import { defineWords, number } from '#ui/words.ts';

export const words = defineWords({
  en: {
    title: (name: string) => `Import mail into ${name}`,
    text: 'Single messages (.eml) and whole mailboxes (.mbox, as Thunderbird, Apple Mail and Google Takeout write them). They keep their dates.',
    choose: 'Choose files',
    drop: 'or drop them here',
    label: 'Importing',
    done: (count: number) => `${count === 1 ? 'One message' : `${number(count)} messages`} imported.`,
    some: (count: number, failed: number) => `${number(count)} imported; ${number(failed)} could not be read as mail, or were too large.`,
    nothing: 'There is no mail in these files.',
    full: (count: number) => `The mailbox is full. ${number(count)} messages were imported before.`,
    broken: (count: number) => `It stopped: your mailbox cannot be reached at the moment. ${number(count)} messages were imported before.`,
    stopped: (count: number) => `Stopped after ${number(count)} messages.`,
  },
  es: {
    title: (name: string) => `Importar correo en ${name}`,
    text: 'Mensajes sueltos (.eml) y buzones enteros (.mbox, como los escriben Thunderbird, Apple Mail y Google Takeout). Conservan sus fechas.',
    choose: 'Elegir archivos',
    drop: 'o suéltelos aquí',
    label: 'Importando',
    done: (count: number) => `${count === 1 ? 'Un mensaje importado' : `${number(count)} mensajes importados`}.`,
    some: (count: number, failed: number) => `${number(count)} importados; ${number(failed)} no se pudieron leer como correo o eran demasiado grandes.`,
    nothing: 'No hay correo en estos archivos.',
    full: (count: number) => `El buzón está lleno. Antes se importaron ${number(count)} mensajes.`,
    broken: (count: number) => `Se ha detenido: en este momento no se puede llegar a su buzón. Antes se importaron ${number(count)} mensajes.`,
    stopped: (count: number) => `Detenido tras ${number(count)} mensajes.`,
  },
});
