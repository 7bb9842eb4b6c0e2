/** APPEND (RFC 9051 section 6.3.12), streamed. */
import { CausewayError } from '#errors/index.ts';
import { quoted } from '#wire/imap/encode.ts';
import type { Engine } from '../engine/engine.ts';
import { numberOf } from '../engine/fetch-response.ts';
import type { Tagged } from '../refusal.ts';
import { type Mailbox, mailboxPart } from './mailbox-name.ts';

export type AppendMessage = {
  readonly flags: readonly string[];
  /** As IMAP writes it; empty: the server takes the time of arrival. */
  readonly internalDate: string;
  /** What `body` yields in all, bytes. Another sum fails the connection. */
  readonly size: number;
};

export type Appended = { readonly uidValidity: number; readonly uid: number };

/**
 * Appends are written in the order of the calls, each as soon as the former's literal is written. A body that fails
 * before its first bytes rejects this call alone; later on it fails the connection, since nothing else ends a literal.
 * @returns undefined where the server does not tell (no UIDPLUS)
 * Rejects with 'refused' (see `responseCodeOf`: TRYCREATE, OVERQUOTA, TOOBIG); with anything else the message may be there.
 */
export async function append(
  engine: Engine,
  mailbox: Mailbox,
  message: AppendMessage,
  body: AsyncIterable<Buffer>,
): Promise<Appended | undefined> {
  const date = message.internalDate === '' ? '' : ` ${quoted(message.internalDate)}`;
  const head = ` (${flagList(message.flags)})${date} `;
  const tagged = await engine.command({
    name: 'APPEND',
    parts: ['APPEND ', mailboxPart(mailbox), head, { size: message.size, body }],
  });
  return appended(tagged);
}

/** Never throws: the message is there, whatever the server says about it. */
function appended({ code }: Tagged): Appended | undefined {
  if (code?.name !== 'APPENDUID') return undefined;
  const uidValidity = numberOf(code.tokens[0]);
  const uid = numberOf(code.tokens[1]);
  return uidValidity === undefined || uid === undefined ? undefined : { uidValidity, uid };
}

/** Throws CausewayError 'input' on what no server could read as a flag. */
export function flagList(flags: readonly string[]): string {
  for (const flag of flags) {
    // Printable ASCII but for the atom-specials of RFC 9051.
    if (!/^\\?[!#$&'+-Z^-z|}~[]+$/.test(flag)) throw new CausewayError('input', 'a flag that cannot be sent');
  }
  return flags.join(' ');
}
