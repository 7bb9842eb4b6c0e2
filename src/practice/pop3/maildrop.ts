/**
 * An account's INBOX as one POP3 session has it (RFC 1939): the messages that were there when it began, in the order of
 * their UIDs, and which of them it wants deleted.
 *
 * Invariants: numbers never change; nothing is deleted before `commit`. What another session expunges meanwhile stays a
 * number without a message. One session at a time has a user's maildrop.
 */
import type { Mailbox, Message } from '../maildir/mailbox.ts';

export type Maildrop = {
  /** Those that are not marked, with their numbers. */
  listing(): { readonly number: number; readonly message: Message }[];
  /** Undefined for a number that is not there, is marked, or was expunged by others. */
  find(number: number): Message | undefined;
  sizeOf(message: Message): number;
  pathOf(message: Message): string;
  /** RFC 1939 section 7: 1 to 70 printable characters. The same message never has another, and no other has it. */
  uniqueId(message: Message): string;
  mark(message: Message): void;
  unmarkAll(): void;
  /** Deletes what is marked. */
  commit(): void;
  close(): void;
};

export function openMaildrop(mailbox: Mailbox): Maildrop {
  const messages = [...mailbox.messages];
  const marked = new Set<Message>();
  // A watched mailbox stays the one object of its kind, whatever becomes of the others.
  const nothing = (): void => {};
  const unwatch = mailbox.watch({ arrived: nothing, changed: nothing, removed: nothing, deleted: nothing });
  const there = (message: Message | undefined): message is Message => message !== undefined && !message.gone && !marked.has(message);
  return {
    listing: () => messages.map((message, index) => ({ number: index + 1, message })).filter(({ message }) => there(message)),
    find(number) {
      const message = messages[number - 1];
      return there(message) ? message : undefined;
    },
    sizeOf: mailbox.sizeOf,
    pathOf: mailbox.pathOf,
    uniqueId: ({ uid }) => `${mailbox.uidValidity}.${uid}`,
    mark: (message) => void marked.add(message),
    unmarkAll: () => marked.clear(),
    commit() {
      const doomed = new Set([...marked].filter((message) => !message.gone));
      if (doomed.size > 0) mailbox.remove(doomed);
    },
    close: unwatch,
  };
}
