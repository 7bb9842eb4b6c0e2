/** APPEND (RFC 9051 section 6.3.12), streamed; and of several messages at once (MULTIAPPEND, RFC 3502). */
import { CausewayError } from '#errors/index.ts';
import { quoted } from '#wire/imap/encode.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
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

export type WholeMessage = { readonly flags: readonly string[]; readonly internalDate: string; readonly bytes: Buffer };

/** In the order of the messages. */
export type AppendedMany = { readonly uidValidity: number; readonly uids: readonly number[] };

/**
 * Several messages by one command, all of them or none (RFC 3502 section 6.3.11). One message needs no MULTIAPPEND.
 * @returns undefined where the server does not tell, or tells of another number of messages
 * Rejects with 'refused' when the server takes none; with anything else all of them may be there, or none.
 */
export async function appendMany(engine: Engine, mailbox: Mailbox, messages: readonly WholeMessage[]): Promise<AppendedMany | undefined> {
  if (messages.length > 1 && !engine.capabilities.has('MULTIAPPEND')) {
    throw new CausewayError('refused', 'the server takes one message at a time', { place: engine.place });
  }
  const parts = messages.flatMap(({ flags, internalDate, bytes }) => [` (${flagList(flags)})${internalDate === '' ? '' : ` ${quoted(internalDate)}`} `, bytes]);
  const { code } = await engine.command({ name: 'APPEND', parts: ['APPEND ', mailboxPart(mailbox), ...parts] });
  if (code?.name !== 'APPENDUID') return undefined;
  const uidValidity = numberOf(code.tokens[0]);
  const uids = expand(code.tokens[1], messages.length);
  return uidValidity === undefined || uids === undefined ? undefined : { uidValidity, uids };
}

/** The UIDs of a set in its order, which is that of the messages (RFC 4315 section 3). Never throws, as `appended`. */
function expand(token: Token | undefined, count: number): number[] | undefined {
  const uids: number[] = [];
  for (const range of textOf(token).split(',')) {
    const [, first, last = first] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(range) ?? [];
    if (first === undefined || Number(last) < Number(first) || Number(last) - Number(first) >= count) return undefined;
    for (let uid = Number(first); uid <= Number(last); uid += 1) uids.push(uid);
  }
  return uids.length === count ? uids : undefined;
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
