/** Reads what a selected mailbox holds. Invariant: a list is complete, or an error. */
import { createHash, hash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { formatInternalDate, parseInternalDate } from '#wire/imap/date.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { finalFailure } from './failure.ts';
import type { Listed } from './ledger-row.ts';

/** Messages in one mailbox: a list takes some 300 bytes each, and a worker holds two lists for each of its moves. */
const MESSAGES = 1_000_000;

/** @param mailbox for messages @param exists as SELECT said: an empty mailbox is not asked */
export async function listMessages(connection: ImapConnection, mailbox: string, exists: number): Promise<Listed[]> {
  if (exists === 0) return [];
  if (exists > MESSAGES) throw finalFailure('mailbox', `"${mailbox}" holds ${exists} messages; at most ${MESSAGES} can be moved`);
  const listed = new Map<number, Listed>();
  for (const meta of await connection.fetchMeta('1:*')) {
    let date: ReturnType<typeof parseInternalDate>;
    try {
      date = parseInternalDate(meta.internalDate);
    } catch (cause) {
      throw finalFailure('date', `message ${meta.uid} of "${mailbox}" has no valid internal date`, cause);
    }
    listed.set(meta.uid, {
      uid: meta.uid,
      flags: meta.flags.filter((flag) => flag.toLowerCase() !== '\\recent'),
      internalDate: Math.floor(date.epochMs / 1000),
      internalDateText: formatInternalDate(date.epochMs, date.offsetMinutes),
      size: meta.size,
    });
  }
  return [...listed.values()].sort((a, b) => a.uid - b.uid);
}

/**
 * One FETCH asks for at most this. Two of 16 MiB under way fill any path. A list of UIDs has at most `ranges` ranges, some
 * 4 kB, since servers may limit a line to 8,000 bytes (RFC 2683 section 3.2.1.5, RFC 7162 section 4).
 */
export const FETCH = { messages: 1_000, bytes: 16 * 1024 * 1024, ranges: 300 };

/** Cuts messages, in their order, into pieces for one FETCH each. */
export function* pieces<M extends { readonly uid: number; readonly size: number }>(messages: readonly M[]): Generator<M[]> {
  let piece: M[] = [];
  let bytes = 0;
  let ranges = 0;
  for (const message of messages) {
    if (piece.at(-1)?.uid !== message.uid - 1) ranges += 1;
    if (piece.length > 0 && (piece.length >= FETCH.messages || ranges > FETCH.ranges || bytes + message.size > FETCH.bytes)) {
      yield piece;
      piece = [];
      bytes = 0;
      ranges = 1;
    }
    piece.push(message);
    bytes += message.size;
  }
  if (piece.length > 0) yield piece;
}

/** Messages below this are taken whole: of them most of the cost is in the streaming, and four times this is a batch. */
export const WHOLE = 128 * 1024;

export type Print = { readonly fingerprint: Buffer; readonly size: number };

/**
 * Reads messages of the selected mailbox and keeps their fingerprints only. One that has vanished meanwhile is absent.
 * @param messages no more than `pieces` puts into one piece
 */
export async function readPrints(connection: ImapConnection, messages: readonly { readonly uid: number }[]): Promise<Map<number, Print>> {
  const prints = new Map<number, Print>();
  if (messages.length === 0) return prints;
  await connection.fetchBodies(
    formatSequenceSet(messages.map(({ uid }) => uid)),
    async ({ uid, size, body }) => {
      const digest = createHash('sha256');
      let bytes = 0;
      for await (const chunk of body) {
        digest.update(chunk);
        bytes += chunk.length;
      }
      if (bytes !== size) throw new CausewayError('protocol', `message ${uid} was cut short`);
      prints.set(uid, { fingerprint: digest.digest(), size });
    },
    { whole: { below: WHOLE, take: (uid, bytes) => void prints.set(uid, { fingerprint: hash('sha256', bytes, 'buffer'), size: bytes.length }) } },
  );
  return prints;
}
