/**
 * Finds the messages that a source lists and cannot give, when it refused some of a piece.
 *
 * Invariants: each is asked for by itself, since a server that cannot give one of many often gives none behind it; one
 * that only asks to try later is not among them. Nothing is kept of what is read.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import { isLater, passingFailure } from '../failure.ts';
import type { Place } from '../ledger/ledger.ts';
import type { Listed } from '../ledger/ledger-row.ts';
import type { Visit } from '../visit.ts';

/** FETCHes on their way at once: at 40 ms the thousand messages of a piece take some 3 s. */
const AT_ONCE = 16;

/** @returns how many were noted as refused */
export async function noteUnreadable(visit: Visit, place: Place, messages: readonly Listed[]): Promise<number> {
  let noted = 0;
  for (let at = 0; at < messages.length; at += AT_ONCE) {
    const lot = messages.slice(at, at + AT_ONCE);
    const read = await Promise.allSettled(lot.map(({ uid }) => readOne(visit, uid)));
    for (const [n, result] of read.entries()) {
      const message = lot[n]!;
      if (result.status === 'fulfilled') continue;
      const error: unknown = result.reason;
      if (!(error instanceof CausewayError) || error.code !== 'refused' || isLater(error)) throw error;
      const why = passingFailure('source-read', `the source does not give message ${message.uid} of "${place.mailbox}": ${messageOf(error)}`, error);
      if (!visit.refusals.note(place, message, why)) throw why;
      noted += 1;
    }
  }
  return noted;
}

async function readOne({ source }: Visit, uid: number): Promise<void> {
  await source.fetchBodies(String(uid), async ({ body }) => {
    for await (const chunk of body) void chunk;
  });
}
