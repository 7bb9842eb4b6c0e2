import { defineWords } from '#ui/words.ts';

export const words = defineWords({
  en: {
    moving: 'In the list',
    acting: 'With messages',
    writing: 'Writing',
    going: 'Going elsewhere',
    next: 'Next message', previous: 'Previous message', open: 'Open it', back: 'Back to the list', choose: 'Select it', chooseAll: 'Select all', chooseNone: 'Select none',
    archive: 'Archive', delete: 'Delete', spam: 'Spam, or not', move: 'Move to a mailbox', flag: 'Flag, or not', markRead: 'Mark as read', markUnread: 'Mark as unread', undo: 'Undo',
    compose: 'New message', reply: 'Reply', replyAll: 'Reply to all', forward: 'Forward',
    search: 'Search', goInbox: 'Inbox', goFlagged: 'Flagged messages', goSent: 'Sent', goDrafts: 'Drafts', goArchive: 'Archive', goContacts: 'Contacts', help: 'This sheet',
  },
  es: {
    moving: 'En la lista',
    acting: 'Con los mensajes',
    writing: 'Al escribir',
    going: 'Ir a otro sitio',
    next: 'Mensaje siguiente', previous: 'Mensaje anterior', open: 'Abrirlo', back: 'Volver a la lista', choose: 'Seleccionarlo', chooseAll: 'Seleccionar todos', chooseNone: 'No seleccionar ninguno',
    archive: 'Archivar', delete: 'Eliminar', spam: 'Correo no deseado, o no', move: 'Mover a un buzón', flag: 'Estrella, o no', markRead: 'Marcar como leído', markUnread: 'Marcar como no leído', undo: 'Deshacer',
    compose: 'Mensaje nuevo', reply: 'Responder', replyAll: 'Responder a todos', forward: 'Reenviar',
    search: 'Buscar', goInbox: 'Recibidos', goFlagged: 'Mensajes con estrella', goSent: 'Enviados', goDrafts: 'Borradores', goArchive: 'Archivo', goContacts: 'Contactos', help: 'Esta hoja',
  },
});
