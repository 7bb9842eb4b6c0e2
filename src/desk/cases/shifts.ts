/**
 * Shifts, round the clock: who is to be there, and who is.
 *
 * Invariant: who said nothing for 75 s is not there, whatever was said before: a page that is asleep in a pocket takes no
 * call.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import type { Level, Made, OnShift, Presence, Shift, Shifts } from './api.ts';

/** A page says it each ten seconds; a browser in the background says less often (Chromium: once a minute at worst). */
export const ABSENT_SECONDS = 75;
const MOST_SHIFTS = 2_000;
/** Three shifts: longer ago somebody has read it, or it has grown old. */
const NOTES = { hours: 24, most: 20 };

const THERE = sql`seen_at > clock_timestamp() - ${ABSENT_SECONDS}::float8 * interval '1 second'`;

/** @param now ms since the epoch @param from whose plan is asked for, until `until` */
export async function readShifts(store: Pick<Store, 'db'>, now: number, { from, until }: { readonly from: number; readonly until: number }): Promise<Shifts> {
  const [planned, present, due, notes] = await Promise.all([
    readPlanned(store, from, until),
    sql<{ staff: string; level: Level; presence: Presence; since: Date }>`select staff, level, presence, since from desk_presence where ${THERE} order by level, staff limit ${MOST_SHIFTS}`.execute(store.db()),
    readPlanned(store, now, now + 1),
    sql<{ id: number; at: Date; by: string; level: Level; text: string }>`select id, at, by, level, text from desk_hand_over where at > ${new Date(now - NOTES.hours * 3_600_000)} order by id desc limit ${NOTES.most}`.execute(store.db()),
  ]);
  const there: OnShift[] = present.rows.map((row) => ({ ...row, since: row.since.getTime() }));
  const names = new Set(there.map(({ staff }) => staff));
  const missing = [...new Set(due.filter(({ staff }) => !names.has(staff)).map(({ staff }) => staff))];
  return { planned, present: there, missing, notes: notes.rows.map(({ at, ...row }) => ({ ...row, at: at.getTime() })) };
}

/** Who is to be there at any moment from `from` to before `until`, in ms since the epoch. */
export async function readPlanned(store: Pick<Store, 'db'>, from: number, until: number): Promise<Shift[]> {
  const { rows } = await sql<{ id: number; staff: string; level: Level; from_at: Date; until_at: Date }>`
    select id, staff, level, from_at, until_at from desk_shift where until_at > ${new Date(from)} and from_at < ${new Date(until)}
    order by from_at, staff limit ${MOST_SHIFTS}`.execute(store.db());
  return rows.map(({ from_at: begins, until_at: ends, ...row }) => ({ ...row, from: begins.getTime(), until: ends.getTime() }));
}

/** What the next shift has to know. */
export async function writeHandOver(tx: Tx, { key, level, text }: { readonly key: string; readonly level: Level; readonly text: string }, by: string): Promise<Made> {
  const { rows } = await sql<{ id: number }>`insert into desk_hand_over (key, level, text, by) values (${key}, ${level}, ${text}, ${by}) on conflict (key) do nothing returning id`.execute(tx.db());
  if (rows[0] === undefined) {
    const { rows: before } = await sql<{ id: number }>`select id from desk_hand_over where key = ${key}`.execute(tx.db());
    return { id: before[0]!.id, made: false };
  }
  await audit(tx, { actor: by, act: 'shift.handed-over', subject: `hand-over:${rows[0].id}`, detail: { level } });
  return { id: rows[0].id, made: true };
}

/** All of them, or none. @returns their ids @throws CausewayError as `planShift` */
export async function planShifts(tx: Tx, shifts: readonly Omit<Shift, 'id'>[], by: string): Promise<number[]> {
  const ids: number[] = [];
  // By name, so that two who plan at once never wait for each other in a circle.
  for (const shift of shifts.toSorted((a, b) => (a.staff < b.staff ? -1 : a.staff > b.staff ? 1 : a.from - b.from))) ids.push(await planShift(tx, shift, by));
  return ids;
}

/** @throws CausewayError `not-found`; as `planShift` */
export async function changeShift(tx: Tx, id: number, shift: Omit<Shift, 'id'>, by: string): Promise<number> {
  if (!(await dropShift(tx, id, by))) throw new CausewayError('not-found', `there is no shift ${id}`);
  return planShift(tx, shift, by);
}

/** @throws CausewayError `conflict` where somebody would be there twice */
async function planShift(tx: Tx, { staff, level, from, until }: Omit<Shift, 'id'>, by: string): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended('desk_shift/' || ${staff}::text, 0))`.execute(tx.db());
  const { rows: other } = await sql`select from desk_shift where staff = ${staff} and from_at < ${new Date(until)} and until_at > ${new Date(from)} limit 1`.execute(tx.db());
  if (other.length > 0) throw new CausewayError('conflict', `${staff} has another shift in that time`);
  const { rows } = await sql<{ id: number }>`insert into desk_shift (staff, level, from_at, until_at) values (${staff}, ${level}, ${new Date(from)}, ${new Date(until)}) returning id`.execute(tx.db());
  const { id } = rows[0]!;
  await audit(tx, { actor: by, act: 'shift.planned', subject: `shift:${id}`, detail: { staff, level, from: new Date(from).toISOString(), until: new Date(until).toISOString() } });
  return id;
}

/** @returns false: there is none */
export async function dropShift(tx: Tx, id: number, by: string): Promise<boolean> {
  const { rows } = await sql<{ staff: string }>`delete from desk_shift where id = ${id} returning staff`.execute(tx.db());
  if (rows[0] !== undefined) await audit(tx, { actor: by, act: 'shift.dropped', subject: `shift:${id}`, detail: { staff: rows[0].staff } });
  return rows[0] !== undefined;
}

/** What a page says of its technician; audited where something changes, and not each ten seconds. @param presence null: gone home */
export async function bePresent(tx: Tx, { staff, level, presence }: { readonly staff: string; readonly level: Level; readonly presence: Presence | null }, by: string): Promise<void> {
  const { rows } = await sql<{ presence: Presence; level: Level; there: boolean }>`select presence, level, ${THERE} as there from desk_presence where staff = ${staff} for update`.execute(tx.db());
  const before = rows[0]?.there === true ? rows[0] : undefined;
  if (presence === null) {
    await sql`delete from desk_presence where staff = ${staff}`.execute(tx.db());
  } else {
    const same = before?.presence === presence && before.level === level;
    await sql`
      insert into desk_presence (staff, level, presence) values (${staff}, ${level}, ${presence})
      on conflict (staff) do update set level = excluded.level, presence = excluded.presence, seen_at = clock_timestamp(),
        since = case when ${same} then desk_presence.since else clock_timestamp() end`.execute(tx.db());
    if (same) return;
  }
  if (presence !== null || before !== undefined) await audit(tx, { actor: by, act: 'shift.presence', subject: `staff:${staff}`, detail: { presence, level } });
}
