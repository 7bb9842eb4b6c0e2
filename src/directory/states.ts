/**
 * Changes of an account's state. Invariants: the platforms are told in the transaction of the change; a closed account's
 * reset link ends with it. Sessions end where the change is heard: see `onAccount` of the mirror.
 */
import type { Tx } from '#store/index.ts';
import type { AccountState } from './account.ts';
import { setState } from './accounts.ts';
import { tellPlatforms } from './outbox/write.ts';
import { lockStanding } from './secrets/change.ts';
import type { By, PlatformFacts } from './secrets/facts.ts';
import type { DirectoryTables } from './tables.ts';

/** Closed accounts can be opened again: `active`. @returns false when it has that state already @throws CausewayError('not-found') */
export async function changeState(tx: Tx, accountId: number, state: AccountState, { by, facts }: { by: By; facts: PlatformFacts }): Promise<boolean> {
  const before = await lockStanding(tx, accountId);
  if (before.state === state) return false;
  await setState(tx, accountId, state, by);
  if (state === 'closed') await tx.db<DirectoryTables>().deleteFrom('reset_link').where('account_id', '=', accountId).execute();
  await tellPlatforms(tx, accountId, 'state', [...facts.told.keys()].map((platform) => ({ platform, detail: { address: before.address, state } })));
  return true;
}
