/**
 * The batches of notes in the store.
 *
 * Invariant: every batch that was committed is read once or more by each other instance, in the order of the commits'
 * numbers: as in the feed of changes, only below the snapshot's xmin, where nothing can appear any more. After a crash
 * of the server the table is empty, and so is what could be missed.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { Batch } from './note.ts';

export type Exchange = {
  publish(batch: Batch): Promise<void>;
  /** Others' batches since the last call, oldest first; `more` when there are more than one read takes. */
  read(): Promise<{ readonly batches: readonly Batch[]; readonly more: boolean }>;
};

/** Of 500 notes of 80 bytes each: below a megabyte, far below what a statement's time allows. */
const READ = 20;
/** Batches between two looks for old ones: some minutes. */
const PRUNE_EVERY = 200;

type Row = { readonly xid: string; readonly id: number; readonly notes: string; readonly seal: string };

export function createExchange(store: Store, instance: string): Exchange {
  let position = { xid: '0', id: 0 };
  let published = 0;

  return {
    async publish({ notes, seal }) {
      await sql`insert into lock_batch (instance, notes, seal) values (${instance}, ${notes}, ${seal})`.execute(store.db());
      published += 1;
      if (published % PRUNE_EVERY === 0) await sql`delete from lock_batch where at < now() - interval '1 hour'`.execute(store.db());
    },
    async read() {
      // One statement has one snapshot, so xmin and the rows belong together.
      const { rows } = await sql<{ xmin: string; rows: Row[] }>`
        with now as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xmin)
        select now.xmin::text as xmin, array(
          select jsonb_build_object('xid', b.xid::text, 'id', b.id, 'notes', b.notes, 'seal', encode(b.seal, 'base64'))
          from lock_batch b
          where (b.xid, b.id) > (${position.xid}::xid8, ${position.id}::bigint) and b.xid < now.xmin and b.instance <> ${instance}
          order by b.xid, b.id limit ${READ}) as rows
        from now`.execute(store.db());
      const [result] = rows;
      if (result === undefined) throw new Error('no row was read');
      const last = result.rows.at(-1);
      const more = result.rows.length === READ && last !== undefined;
      // Another server behind the same address, or one that lost its last numbers: from the beginning.
      const fresh = BigInt(result.xmin) < BigInt(position.xid);
      position = fresh ? { xid: '0', id: 0 } : more ? { xid: last.xid, id: last.id } : { xid: result.xmin, id: 0 };
      return { batches: result.rows.map(({ notes, seal }) => ({ notes, seal: Buffer.from(seal, 'base64') })), more };
    },
  };
}
