/**
 * The answers of the instances in the rounds of a hold. Invariants: an answer is stored only while the hold, round
 * and life of the instance that it is for are the present ones; an answer once given is not changed.
 */
import { sql } from 'kysely';
import { recordChange } from '#store/index.ts';
import type { Store, Tx } from '#store/index.ts';
import type { DirectoryTables } from '../tables.ts';
import type { Answer, Route, Stage } from './route.ts';

/** The change feed's topic for answers, for a mover that waits for them; its key is the account's id. */
export const ACKNOWLEDGEMENT_TOPIC = 'acknowledgement';

/** An instance's answer. @returns false when there is no such round any more, or the instance is not listed */
export async function acknowledge(
  tx: Tx,
  from: { readonly instance: string; readonly boot: string },
  round: { readonly accountId: number; readonly epoch: number; readonly stage: Stage },
  answer: Answer,
): Promise<boolean> {
  const { rows } = await sql`
    insert into acknowledgement (account_id, epoch, stage, instance, answer)
    select r.account_id, r.epoch, r.stage, i.id, ${answer}
    from route r, instance i
    where r.account_id = ${round.accountId} and r.epoch = ${round.epoch} and r.phase = 'held' and r.stage = ${round.stage}
      and i.id = ${from.instance} and i.boot = ${from.boot}
    on conflict (account_id, epoch, stage, instance) do update set answer = acknowledgement.answer
    returning 1
  `.execute(tx.db());
  if (rows.length === 0) return false;
  await recordChange(tx, ACKNOWLEDGEMENT_TOPIC, round.accountId);
  return true;
}

export type HoldState = {
  readonly stage: Stage;
  /** Instances that must answer. */
  readonly listed: number;
  /** Of those, how many have answered in this round. */
  readonly answered: number;
  /** How many gave the answer that the round is for: `quiet` in the freeze, `cut` in the cut. `listed` of them: go on. */
  readonly quiet: number;
  /** How many are busy. One is enough: back out. */
  readonly busy: number;
  /** The listed instances without an answer. */
  readonly missing: readonly string[];
  /** The round's time for answers is over and somebody is missing: back out. */
  readonly silent: boolean;
  /** The hold's deadline is over: back out. */
  readonly deadlinePassed: boolean;
};

/** How the present round of the hold `epoch` stands; undefined when that hold has ended. For the mover. */
export async function holdState(store: Store, accountId: number, epoch: number): Promise<HoldState | undefined> {
  const { rows } = await sql<HoldState>`
    select r.stage,
      count(i.id) as listed,
      count(a.answer) as answered,
      count(*) filter (where a.answer = case r.stage when 'freeze' then 'quiet' else 'cut' end) as quiet,
      count(*) filter (where a.answer = 'busy') as busy,
      coalesce(array_agg(i.id order by i.id) filter (where i.id is not null and a.answer is null), '{}') as missing,
      r.round_deadline < clock_timestamp() and count(i.id) > count(a.answer) as silent,
      r.hold_deadline < clock_timestamp() as "deadlinePassed"
    from route r
    left join instance i on true
    left join acknowledgement a
      on a.account_id = r.account_id and a.epoch = r.epoch and a.stage = r.stage and a.instance = i.id
    where r.account_id = ${accountId} and r.epoch = ${epoch} and r.phase = 'held'
    group by r.account_id
  `.execute(store.db());
  return rows[0];
}

/** The route as the store has it now; undefined when there is no such account. */
export async function readRoute(store: Store | Tx, accountId: number): Promise<Route | undefined> {
  const row = await store
    .db<DirectoryTables>()
    .selectFrom('route')
    .select(['home', 'phase', 'epoch', 'stage'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row === undefined ? undefined : { accountId, ...row };
}
