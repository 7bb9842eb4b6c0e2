/** The codes at the store: made for a mail-merge, asked by who holds a letter. Invariant: only digests are kept. */
import { sql } from 'kysely';
import { audit, type Store, type Tx } from '#store/index.ts';
import { digestOfCode, makeCode, readCode } from './code.ts';

/** One statement's worth. */
const BATCH = 1_000;

export type Made = { readonly accountId: number; readonly code: string };

/** A code for each; earlier ones go on. @param days how long they serve @param actor who makes them: `operator:root` */
export async function makeCodes(tx: Tx, accountIds: readonly number[], { days, actor, why }: { days: number; actor: string; why: string | undefined }): Promise<Made[]> {
  const made = accountIds.map((accountId) => ({ accountId, code: makeCode() }));
  await sql`delete from status_code where expires_at < now()`.execute(tx.db());
  for (let i = 0; i < made.length; i += BATCH) {
    const batch = made.slice(i, i + BATCH);
    await sql`
      insert into status_code (digest, account_id, expires_at)
      select digest, account_id, now() + make_interval(days => ${days}::int)
      from unnest(${batch.map(({ code }) => digestOfCode(readCode(code)!))}::bytea[], ${batch.map(({ accountId }) => accountId)}::bigint[]) as given (digest, account_id)`.execute(tx.db());
  }
  await audit(tx, { actor, act: 'status.codes-made', subject: 'status:codes', ...(why === undefined ? {} : { why }), detail: { codes: made.length, days } });
  return made;
}

/** Whose it is; undefined: nobody's, or it has expired. @param code as `readCode` gives it @throws as the store does */
export async function accountOfCode(store: Store, code: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`select account_id as id from status_code where digest = ${digestOfCode(code)} and expires_at > now()`.execute(store.db());
  return rows[0]?.id;
}
