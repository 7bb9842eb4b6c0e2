/** Reads what a selected mailbox holds. Invariant: a list is complete, or an error. */
import { createHash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { noteRead } from '../copy/collect.ts';
import { finalFailure } from '../failure.ts';
import { fingerprintOf } from '../copy/fingerprint.ts';
import type { FlagSets } from './flag-sets.ts';
import { createListing } from './message-list.ts';
import type { Listing, MessageList } from './message-list.ts';
import { printSlabs } from '../copy/slabs.ts';

/** Messages in one mailbox: a list takes some 26 bytes each, and a worker holds two lists for each of its moves. */
const MESSAGES = 1_000_000;

/**
 * @param mailbox for messages @param exists as SELECT said: an empty mailbox is not asked
 * @param apart, onUndated as `Listing.list` takes them
 */
export async function listMessages(connection: ImapConnection, mailbox: string, exists: number, sets: FlagSets, ...options: Parameters<Listing['list']>): Promise<MessageList> {
  if (exists > MESSAGES) throw finalFailure('mailbox', `"${mailbox}" holds ${exists} messages; at most ${MESSAGES} can be moved`);
  const listing = createListing(sets, mailbox, exists);
  if (exists > 0) await connection.fetchNews('1:*', listing.add);
  return listing.list(...options);
}

/**
 * One FETCH asks for at most this. Two of 16 MiB under way fill any path. A list of UIDs has at most `ranges` ranges, some
 * 4 kB, since servers may limit a line to 8,000 bytes (RFC 2683 section 3.2.1.5, RFC 7162 section 4).
 */
export const FETCH = { messages: 1_000, bytes: 16 * 1024 * 1024, ranges: 300 };

/** Cuts messages, in their order, into pieces for one FETCH each. */
export function* pieces<M extends { readonly uid: number; readonly size: number }>(messages: Iterable<M>): Generator<M[]> {
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

/** Messages below this are taken whole: of them most of the cost is in the streaming, and what is streamed is garbage afterwards. Twice this is a batch. */
export const WHOLE = 1024 * 1024;

export type Print = { readonly fingerprint: Buffer; readonly size: number };

/**
 * Reads messages of the selected mailbox and keeps their fingerprints only. One that has vanished meanwhile is absent.
 * @param messages no more than `pieces` puts into one piece
 * @param onBytes for those that are too large to be taken whole
 */
export async function readPrints(connection: ImapConnection, messages: readonly { readonly uid: number }[], onBytes?: (uid: number, bytes: number) => void): Promise<Map<number, Print>> {
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
        if (!connection.reusesMemory) noteRead(chunk.length);
        onBytes?.(uid, chunk.length);
      }
      if (bytes !== size) throw new CausewayError('protocol', `message ${uid} was cut short`);
      prints.set(uid, { fingerprint: digest.digest(), size });
    },
    {
      whole: {
        below: WHOLE,
        memoryFor: printSlabs.memoryFor,
        take(uid, bytes) {
          prints.set(uid, { fingerprint: fingerprintOf(bytes), size: bytes.length });
          printSlabs.keep(bytes).free();
        },
      },
    },
  );
  return prints;
}
