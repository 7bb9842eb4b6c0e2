/**
 * Both platforms of a move, read anew and held against its receipt.
 *
 * Invariants: as those of `compareAccounts`; what came after the receipt (UIDs from its UIDNEXT on, in the same life of
 * a mailbox, and mailboxes that it does not know) is counted and held against nobody.
 */
import type { ImapConnection } from '#imap/connection.ts';
import type { ReceiptBody, Side } from '../hold/receipt.ts';
import { compareAccounts, type Comparison, type CompareOptions, type Compared } from './compare.ts';

/** What became of a mailbox of the receipt. `proven` and `found` are messages. */
export type Kept = {
  readonly side: 'source' | 'target';
  readonly mailbox: string;
  /** `changed`: other messages than then, or fewer. `new-life`: another UIDVALIDITY, and perhaps the same messages. */
  readonly state: 'as-proven' | 'changed' | 'new-life' | 'absent';
  readonly proven: number;
  readonly found: number;
  /** How many came after the receipt. */
  readonly since: number;
};

export type Verification = {
  /** Each message of the receipt is on both sides, with the same bytes, date and flags there and here. */
  readonly well: boolean;
  readonly kept: readonly Kept[];
  readonly comparison: Comparison;
};

/** @param options without what the receipt says itself */
export async function verifyAgainstReceipt(
  source: ImapConnection,
  target: ImapConnection,
  receipt: Pick<ReceiptBody, 'mailboxes' | 'refused' | 'kept'>,
  options: Pick<CompareOptions, 'name' | 'onProgress'>,
): Promise<Verification> {
  const proven = { source: sidesOf(receipt, 'source'), target: sidesOf(receipt, 'target') };
  const comparison = await compareAccounts(source, target, {
    ...options,
    known: new Map(receipt.mailboxes.map((pair) => [pair.source.mailbox, pair.target.mailbox])),
    below: (side, mailbox) => {
      const then = proven[side].get(mailbox);
      return ({ uidValidity }) => (then === undefined ? 0 : then.uidValidity === uidValidity ? then.uidNext : undefined);
    },
    apart: (side, mailbox) => ({ uidValidity }) => {
      const apart = (side === 'source' ? receipt.refused : receipt.kept) ?? [];
      return new Set(apart.filter((each) => each.mailbox === mailbox && each.uidValidity === uidValidity).map(({ uid }) => uid));
    },
  });
  const kept = receipt.mailboxes.flatMap((pair) =>
    (['source', 'target'] as const).map((side) =>
      keptOf(
        side,
        pair[side],
        comparison.mailboxes.map((each) => each[side]).find((found) => found?.mailbox === pair[side].mailbox),
      ),
    ),
  );
  const differs = Object.values(comparison.differences).some((count) => count > 0);
  return { well: !differs && kept.every(({ state }) => state === 'as-proven'), kept, comparison };
}

const sidesOf = ({ mailboxes }: Pick<ReceiptBody, 'mailboxes'>, side: 'source' | 'target'): Map<string, Side> =>
  new Map(mailboxes.map((pair) => [pair[side].mailbox, pair[side]]));

function keptOf(side: 'source' | 'target', then: Side, now: Compared | undefined): Kept {
  const common = { side, mailbox: then.mailbox, proven: then.count, found: now?.count ?? 0, since: now?.since ?? 0 };
  if (now === undefined) return { ...common, state: 'absent' };
  if (now.uidValidity !== then.uidValidity) return { ...common, state: 'new-life' };
  return { ...common, state: now.count === then.count && now.digest === then.digest ? 'as-proven' : 'changed' };
}
