/**
 * What a person knows a message by: its Message-ID and subject.
 *
 * Invariant: nothing that a sender wrote reaches a terminal as it came: no control character, no mark that turns the
 * direction of a line, and no more than `WIDTH` characters.
 */
import { CausewayError } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';

export type Label = { readonly messageId: string; readonly subject: string };

/** A line of a terminal beside mailbox, UID and Message-ID. */
const WIDTH = 80;

/**
 * Of messages of the selected mailbox; one that the server does not give is absent.
 * @param uids some dozens
 */
export async function readLabels(connection: ImapConnection, uids: readonly number[]): Promise<Map<number, Label>> {
  const labels = new Map<number, Label>();
  if (uids.length === 0) return labels;
  try {
    await connection.run(`UID FETCH ${formatSequenceSet(uids)} (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID SUBJECT)])`, (response) => {
      if (response.kind !== 'data' || response.name !== 'FETCH') return;
      const [list] = response.tokens;
      const items = list?.kind === 'list' ? list.items : [];
      const at = items.findIndex((item) => item.kind === 'atom' && item.text.toUpperCase() === 'UID');
      const uid = items[at + 1];
      // The section's name may come as one word or as several; its value is the only string.
      const header = items.find((item) => item.kind === 'string');
      if (at !== -1 && uid?.kind === 'atom' && header?.kind === 'string') labels.set(Number(uid.text), labelOf(header.bytes));
    });
  } catch (error) {
    // A server that does not give a message may not give its header either. It is named by its UID then.
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
  }
  return labels;
}

export function labelOf(header: Buffer): Label {
  // Raw UTF-8 is read as such (RFC 6532); other bytes outside of ASCII become U+FFFD.
  const text = header.toString('utf8').replaceAll(/\r?\n[ \t]+/g, ' ');
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(text)?.[1] ?? '';
  return { messageId: printable(field('message-id')), subject: printable(decodeWords(field('subject'))) };
}

/** RFC 2047. A word in a charset that is not known stays as it came. */
function decodeWords(text: string): string {
  return text
    .replaceAll(/(\?=)\s+(=\?)/g, '$1$2')
    .replaceAll(/=\?([\w-]{1,40})(?:\*[\w-]*)?\?([BbQq])\?([^?\s]{0,4000})\?=/g, (whole, charset: string, encoding: string, data: string) => {
      try {
        const bytes =
          encoding.toUpperCase() === 'B'
            ? Buffer.from(data, 'base64')
            : Buffer.from(data.replaceAll('_', ' ').replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
        return new TextDecoder(charset).decode(bytes);
      } catch {
        return whole;
      }
    });
}

/** Mailbox names and headers for a terminal or a log. */
export function printable(text: string): string {
  // Controls, marks of direction (as in the "trojan source" attacks), line and paragraph separators, lone surrogates.
  const clean = text.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, ' ').trim();
  const characters = [...clean];
  return characters.length > WIDTH ? `${characters.slice(0, WIDTH - 1).join('')}…` : clean;
}
