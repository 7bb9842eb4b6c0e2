/**
 * Where one account is in the move, for its owner.
 *
 * Invariant: nothing in it names the account, a platform or anybody else: it may be shown to who holds a code, and says
 * nothing to who found it.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { OwnAnswer } from './api.ts';

type Row = { phase: string; home: string; move: string | null; target: string | null; moved_at: Date | null; plan: string | null };

export type Range = { readonly fromAt: Date; readonly toAt: Date; readonly madeAt: Date };

/** @param forecast of an account that waits for its move @returns undefined: there is no such account, or it is closed @throws as the store does */
export async function ownAnswer(store: Store, accountId: number, forecast: (accountId: number) => Promise<Range | undefined>): Promise<OwnAnswer | undefined> {
  const { rows } = await sql<Row>`
    select r.phase, r.home, m.state as move, m.target, m.moved_at, w.plan
    from account a join route r on r.account_id = a.id
    left join lateral (select state, target, case when state = 'moved' then ended_at end as moved_at from move where account_id = a.id order by id desc limit 1) m on true
    left join lateral (
      select p.state as plan from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id
      where wa.account_id = a.id and p.state in ('running', 'paused') and w.state <> 'done' and r.home <> p.target limit 1) w on true
    where a.id = ${accountId} and a.state <> 'closed'`.execute(store.db());
  const row = rows[0];
  if (row === undefined) return undefined;
  const place = placeOf(row);
  const range = place === 'planned' || place === 'copying' ? await forecast(accountId) : undefined;
  return {
    place,
    movedAt: place === 'moved' ? (row.moved_at?.toISOString() ?? null) : null,
    forecast: range === undefined ? null : { from: range.fromAt.toISOString(), to: range.toAt.toISOString(), madeAt: range.madeAt.toISOString() },
    paused: row.plan === 'paused',
  };
}

function placeOf({ phase, home, move, target, plan }: Row): OwnAnswer['place'] {
  if (phase === 'held') return 'moving';
  if (phase !== 'settled') return 'copying';
  if (move === 'moved' && target === home) return 'moved';
  if (move === 'failed') return 'waits';
  return plan === null ? 'stays' : 'planned';
}
