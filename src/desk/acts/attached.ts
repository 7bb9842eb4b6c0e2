import type { Store } from '#store/index.ts';
import type { DeskActTables } from './tables.ts';

/** The declared incidents that a person has said touch the account. */
export async function attachedIncidents(store: Pick<Store, 'db'>, accountId: number): Promise<string[]> {
  const rows = await store.db<DeskActTables>().selectFrom('account_incident').select('incident_id').where('account_id', '=', accountId).execute();
  return rows.map(({ incident_id }) => incident_id);
}
