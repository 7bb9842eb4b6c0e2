/** What was done and asked for, for people to see. */
import type { Store } from '#store/index.ts';
import { acts } from './all.ts';
import type { DoneAct } from './api.ts';
import type { DeskActTables } from './tables.ts';

/** Of one account: nobody reads more. */
const MOST = 50;

type Tables = DeskActTables & { account: { id: number; address: string } };

/** Of one account, or those that wait for a second person; the latest first. */
export async function listActs(store: Pick<Store, 'db'>, which: { readonly accountId: number } | 'waiting'): Promise<DoneAct[]> {
  const rows = await store
    .db<Tables>()
    .selectFrom('desk_act as d')
    .innerJoin('account as a', 'a.id', 'd.account_id')
    .select(['d.id', 'd.account_id', 'a.address', 'd.name', 'd.state', 'd.by', 'd.why', 'd.at', 'd.decided_by', 'd.decided_why', 'd.decided_at', 'd.undone_by', 'd.undone_why', 'd.undone_at'])
    .where((is) => (which === 'waiting' ? is('d.state', '=', 'asked') : is('d.account_id', '=', which.accountId)))
    .orderBy('d.id', 'desc')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    address: row.address,
    name: row.name,
    state: row.state,
    by: row.by,
    why: row.why,
    at: row.at.getTime(),
    ...stamp('decided', row.decided_by, row.decided_why, row.decided_at),
    ...stamp('undone', row.undone_by, row.undone_why, row.undone_at),
    undoable: (row.state === 'done' || row.state === 'asked') && acts[row.name].undo !== undefined,
  }));
}

function stamp<K extends 'decided' | 'undone'>(key: K, by: string | null, why: string | null, at: Date | null): { [key in K]?: { by: string; why: string; at: number } } {
  return by === null || at === null ? {} : ({ [key]: { by, why: why ?? '', at: at.getTime() } } as { [key in K]: { by: string; why: string; at: number } });
}
