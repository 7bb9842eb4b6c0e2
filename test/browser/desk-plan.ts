/** A plan of this week with its gaps, a note, people who are there, and a week of calls: what the pages are looked at with. */
import { sql } from 'kysely';
import type { Office } from './office.ts';

/** Early, late and night; with gaps, and some who are planned and do not come. */
const ROTA: readonly (readonly [staff: string, level: 1 | 2, begins: number, days: readonly number[]])[] = [
  ['ada', 1, 6, [0, 1, 2, 3, 4]],
  ['bo', 1, 6, [0, 1, 2, 3, 4, 5, 6]],
  ['cy', 1, 10, [0, 1, 2, 3, 4]],
  ['dee', 1, 14, [0, 1, 2, 3, 4, 5, 6]],
  ['eve', 1, 14, [0, 1, 3, 4]],
  ['fay', 1, 22, [0, 1, 2, 3, 4, 5, 6]],
  ['jo', 1, 22, [2, 3, 4]],
  ['gus', 2, 6, [0, 1, 2, 3, 4, 5, 6]],
  ['hal', 2, 14, [0, 1, 2, 3, 4, 5]],
  ['ida', 2, 22, [0, 1, 2, 3, 5, 6]],
];
const HOURS = 8;

export async function planned({ store }: Office): Promise<void> {
  const db = store.db();
  const now = new Date();
  const monday = (day: number, hour: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() - ((now.getDay() + 6) % 7) + day, hour);
  for (const [staff, level, begins, days] of ROTA) {
    for (const day of days) await sql`insert into desk_shift (staff, level, from_at, until_at) values (${staff}, ${level}, ${monday(day, begins)}, ${monday(day, begins + HOURS)})`.execute(db);
  }
  await sql`
    insert into desk_presence (staff, level, presence, seen_at)
    select staff, level, 'available', now() + interval '10 minutes' from desk_shift where from_at <= now() and until_at > now() and staff not in ('jo', 'eve', 'cy')`.execute(db);
  // Few at night, most in the middle of the morning.
  await sql`
    insert into desk_call (key, staff, began_at, ended_at)
    select gen_random_uuid(), 'ada', at + n * interval '1 minute', at + n * interval '1 minute' + interval '4 minutes'
    from generate_series(${monday(0, 0)}::timestamptz - interval '8 days', date_trunc('hour', now()) - interval '1 hour', interval '1 hour') at,
      generate_series(1, (2 + 16 * exp(-power((extract(hour from at) - 10) / 3.5, 2)) + 5 * exp(-power((extract(hour from at) - 17) / 3, 2)))::int) n`.execute(db);
  await sql`
    insert into desk_macro (name, text, also) values
      ('New settings for the server', ${`Hello {{name}},\n\n{{address}} now lives at {{platform}}. Your program needs no new settings; if it asks, the server is mail.isp.example.`}, '{}'),
      ('We are moving your mailbox', ${`Hello {{name}},\n\nyour mailbox moves with {{wave}}: {{forecast}}. Nothing is lost, and nothing is to be done.`}, '{"close": true}'),
      ('Working again', ${`Hello {{name}},\n\n{{incident}} is over.`}, '{"close": true, "priority": "low"}')`.execute(db);
  await sql`insert into desk_hand_over (key, by, level, text) values (gen_random_uuid(), 'staff:fay', 1, 'Many ask about the letter of Monday: it is real, and nothing is to be done.')`.execute(db);
}
