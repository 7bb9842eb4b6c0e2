/** Whose letters have a code. */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';

/** All that are not closed, or those of a wave. @throws as the store does */
export async function movableAccounts(store: Store, wave: string | undefined): Promise<{ readonly id: number; readonly address: string }[]> {
  const which = wave === undefined ? sql`` : sql`and exists (select from wave_account wa join wave w on w.id = wa.wave_id where wa.account_id = a.id and w.name = ${wave})`;
  const { rows } = await sql<{ id: number; address: string }>`select a.id, a.address from account a where a.state <> 'closed' ${which} order by a.address`.execute(store.db());
  return rows;
}
