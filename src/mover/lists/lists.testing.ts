/** Lists as columns, of objects, for tests. */
import { formatInternalDate } from '#wire/imap/date.ts';
import { createFlagSets } from './flag-sets.ts';
import { createLedgerListing } from '../ledger/ledger-list.ts';
import type { LedgerRow, Listed } from '../ledger/ledger-row.ts';
import type { Lists } from './lists.ts';
import { createListing } from './message-list.ts';

export function listsOf(source: readonly Listed[], target: readonly Listed[], ledger: readonly LedgerRow[]): Lists {
  const sets = createFlagSets();
  const [atSource, atTarget] = [source, target].map((messages) => {
    const listing = createListing(sets, 'a', messages.length);
    for (const { uid, flags, internalDate, size } of messages) {
      listing.add({ uid, flags: [...flags], internalDate: formatInternalDate(internalDate * 1_000), size });
    }
    return listing.list();
  });
  const listing = createLedgerListing(sets, ledger.length);
  for (const row of ledger.toSorted((a, b) => a.sourceUid - b.sourceUid)) listing.add({ ...row, zone: '+0000' });
  return { sets, source: atSource!, target: atTarget!, ledger: listing.list() };
}
