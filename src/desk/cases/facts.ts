/**
 * Customers' own facts, for many at once: each batch of answers reads them in one statement, and the forecasts in another.
 *
 * Invariant: no time is promised that nobody works towards: while a plan is paused its forecast is what would be if it went
 * on at once, and who is held back, or stayed behind when the wave ended, moves with none.
 */
import { sql } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { Facts } from './fill.ts';

/** When waves are expected to end, by their ids; those without a forecast are left out. */
export type WaveForecasts = (waveIds: readonly number[]) => Promise<ReadonlyMap<number, { readonly fromAt: Date; readonly toAt: Date }>>;

type Row = { id: number; address: string; name: string | null; home: string; wave_id: number | null; wave: string | null; plan: string | null };

/** By account. @param timeZone in which times are told: `Europe/Madrid` */
export async function factsOf(reader: Pick<Store, 'db'> | Tx, accountIds: readonly number[], { forecasts, timeZone }: { readonly forecasts: WaveForecasts; readonly timeZone: string }): Promise<ReadonlyMap<number, Facts>> {
  const { rows } = await sql<Row>`
    select a.id, a.address, nullif(k.name, '') as name, r.home, w.id as wave_id, w.name as wave, w.plan
    from account a join route r on r.account_id = a.id left join customer k on k.account_id = a.id
    left join lateral (
      select w.id, w.name, p.state as plan from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id
      where wa.account_id = a.id and p.state in ('running', 'paused') and w.state <> 'done' and r.home = p.source
        and not exists (select from held_back h where h.account_id = a.id)
      order by p.id desc, w.number limit 1
    ) w on true
    where a.id = any(${[...accountIds]}::bigint[])`.execute(reader.db());
  const waves = [...new Set(rows.flatMap(({ wave_id: wave, plan }) => (wave === null || plan !== 'running' ? [] : [wave])))];
  const expected = waves.length === 0 ? new Map<number, { fromAt: Date; toAt: Date }>() : await forecasts(waves);
  const told = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  return new Map(rows.map(({ id, address, name, home, wave, wave_id: waveId }) => {
    const range = waveId === null ? undefined : expected.get(waveId);
    return [id, {
      address,
      platform: home,
      ...(name === null ? {} : { name }),
      ...(wave === null ? {} : { wave }),
      ...(range === undefined ? {} : { forecast: `${told.format(range.fromAt)} to ${told.format(range.toAt)} (${timeZone})` }),
    }];
  }));
}
