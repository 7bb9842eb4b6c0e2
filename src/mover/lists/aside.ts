/** Messages that a move goes round: they are on one side alone, and that is known and meant. */
import type { FailureClass } from '../tables.ts';

/** A message that is left where it is; `size` by RFC822.SIZE. */
export type Aside = { readonly uid: number; readonly size: number };

/** Of a pair of mailboxes. At the target: what an earlier move away from it left there. */
export type BothAside = Readonly<Record<'source' | 'target', readonly Aside[]>>;

/** A message that the target refused, and that a person decided to leave where it was: as receipts name it. */
export type LeftOut = Aside & {
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly failure: FailureClass;
  readonly reason: string;
  readonly decidedBy: string;
  readonly decidedAt: string;
};

const HIGHEST_UID = 2 ** 32 - 1;
/** Of a command: some 2,200 bytes. */
const RANGES = 100;

/** Sequence sets of all UIDs but these. No `*`: it names the last message even where a range begins behind it (RFC 3501 section 9). */
export function* allBut(uids: ReadonlySet<number>): Generator<string> {
  const ranges: string[] = [];
  let from = 1;
  for (const uid of [...[...uids].sort((a, b) => a - b), HIGHEST_UID + 1]) {
    if (uid > from) ranges.push(`${from}:${uid - 1}`);
    from = uid + 1;
  }
  for (let at = 0; at < ranges.length; at += RANGES) yield ranges.slice(at, at + RANGES).join(',');
}
