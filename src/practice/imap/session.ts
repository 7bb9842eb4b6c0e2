/** One client's connection, as the commands see it. */
import { CausewayError } from '#errors/index.ts';
import { decodeUtf7 } from '#wire/imap/utf7.ts';
import { mailboxName } from '#wire/imap/encode.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Account } from '../maildir/account.ts';
import { diskNameOf, nameOf } from '../maildir/names.ts';
import type { Spool } from '../maildir/spool.ts';
import { hasRoom } from '../quota.ts';
import type { Services } from '../services.ts';
import type { Input } from './input.ts';
import type { Output } from './output.ts';
import type { View } from './view.ts';

export type Session = {
  readonly services: Services;
  readonly id: string;
  /** Of the command that runs. */
  tag: string;
  readonly port: 'imap' | 'trusted';
  readonly input: Input;
  readonly out: Output;
  user: string | undefined;
  /** The selected mailbox. */
  view: View | undefined;
  /** Set by a command after which the connection ends. */
  ending: boolean;
  refusals: number;
};

/** `OK ...`, `NO ...` or `BAD ...`: the answer behind the tag. */
export type Reply = string;

export type Command = {
  readonly when: 'any' | 'before' | 'after' | 'selected';
  /** No EXPUNGE may be sent while it runs (RFC 3501 7.4.1: FETCH, STORE, SEARCH by sequence number). */
  readonly keepsNumbers?: boolean;
  /** `message` is the literal of an APPEND. Whatever waits in `session.out` is sent before the reply. */
  readonly run: (session: Session, args: readonly Token[], messages: readonly Spool[]) => Promise<Reply> | Reply;
};

/** The account of a session that is signed in. */
export function accountOf(session: Session): Account {
  return session.services.accounts.open(session.user ?? '');
}

/** The selected mailbox. */
export function viewOf(session: Session): View {
  if (!session.view) throw new CausewayError('protocol', 'No mailbox is selected.');
  return session.view;
}

/** The disk name of a mailbox argument. */
export function diskNameIn(session: Session, token: Token | undefined): string {
  return diskNameOf(decodeUtf7(textOf(token)), session.services.separator);
}

/** The mailbox's name as it goes to the client, quoted. */
export function clientName(session: Session, diskName: string): string {
  return mailboxName(nameOf(diskName, session.services.separator), { utf8: false });
}

/** What a command is refused with that would bring so many bytes more than the account may hold. */
export function overQuota(session: Session, bytes: number): Reply | undefined {
  return hasRoom(session.services, accountOf(session), bytes) ? undefined : 'NO [OVERQUOTA] Quota exceeded.';
}

/** @throws CausewayError `protocol` when there are fewer or more arguments */
export function expectArguments(args: readonly Token[], least: number, most = least): void {
  if (args.length < least || args.length > most) throw new CausewayError('protocol', 'Wrong number of arguments.');
}
