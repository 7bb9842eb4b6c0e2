/**
 * Which connection has heard the news of the mailbox that it has open, so that it need not be asked for them again.
 *
 * Invariants: it heard them within this request, when the mailboxes were read; all that the request knows came by it: as
 * soon as a piece of work is done on another connection, none has heard. Not for long, since a platform refuses to give the
 * text of a letter that another client deleted meanwhile.
 */
import type { ImapConnection } from '#imap/connection.ts';
import type { MailAccess } from '../mail-access.ts';

/** What a request with a search in it takes. */
const LONGEST_MS = 2_000;

/** A connection does one piece of work at a time; it is here while the piece is one of a request by which it heard. */
const up = new WeakSet<ImapConnection>();

export function hasHeard(connection: ImapConnection): boolean {
  return up.has(connection);
}

export type Hearing = {
  /** The access of the request, watched. */
  readonly access: MailAccess;
  /** The connection that is at work for it hears the news now. */
  heard(connection: ImapConnection): void;
};

export function createHearing(access: MailAccess): Hearing {
  const { clock } = access;
  let last: ImapConnection | undefined;
  let at = 0;

  function watched<T>(work: (connection: ImapConnection) => Promise<T>): (connection: ImapConnection) => Promise<T> {
    return (connection) => {
      if (connection !== last || clock.monotonic() - at > LONGEST_MS) last = undefined;
      if (last === undefined) up.delete(connection);
      else up.add(connection);
      return work(connection);
    };
  }

  return {
    access: { ...access, imap: (work) => access.imap(watched(work)), imapPatiently: (work) => access.imapPatiently(watched(work)) },
    heard(connection) {
      last = connection;
      at = clock.monotonic();
    },
  };
}
