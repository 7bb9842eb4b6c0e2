/**
 * Figures that gates read and that are measured above: whoever measures one says it again every few seconds.
 *
 * Invariant: a figure that nobody has said lately is not known, so it neither pauses a plan nor clears it.
 */
import { sql } from 'kysely';
import type { Migration, Store } from '#store/index.ts';

/** `desk-load`: calls asked for, as a share of what the shift can carry. */
export type ToldName = 'desk-load';

const STALE_SECONDS = 90;

export const toldMigrations: readonly Migration[] = [
  {
    name: '0039_cutover-told',
    sql: `
      create table told_figure (
        name text primary key,
        value float8 not null,
        at timestamptz not null default clock_timestamp()
      );
    `,
  },
];

export async function tellFigure(store: Store, name: ToldName, value: number): Promise<void> {
  await sql`
    insert into told_figure (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value, at = clock_timestamp()`.execute(store.db());
}

/** Undefined: nobody has said it lately. */
export async function toldFigure(store: Pick<Store, 'db'>, name: ToldName): Promise<number | undefined> {
  const { rows } = await sql<{ value: number }>`
    select value from told_figure where name = ${name} and at > clock_timestamp() - ${STALE_SECONDS}::float8 * interval '1 second'`.execute(store.db());
  return rows[0]?.value;
}
