/**
 * What instances know of accounts' locks, written down for the desk, which is another process.
 *
 * Invariants: no attempt waits for it. A row is at most some seconds behind while the store answers; where there is
 * nothing to say any more it goes. What was counted before an unlock or a change of the secret is not read any more from
 * that moment on, whatever an instance writes that has not heard of it yet. Counts, networks and times only. Bounded.
 */
import { sql } from 'kysely';
import type { Clock } from '#events/clock.ts';
import type { Store, Tx } from '#store/index.ts';
import type { Explanation } from './explain.ts';

export type ToldLocks = {
  /** Something about the account's wrong secrets may be otherwise now. */
  touch(account: Touched): void;
  /** A right secret came: news only where there was something to say. */
  touchIfTold(account: Touched): void;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

export type Touched = { readonly id: number; readonly credentialVersion: number; readonly unlocks?: number };

/** `version`: of the account that it was counted for, as the locks have it: it rises with the secret and with each unlock. */
export type ToldExplanation = Explanation & { readonly version: number };
/** @param write an explanation for each account; undefined where there is nothing to say */
export type LockWriter = (told: ReadonlyMap<number, ToldExplanation | undefined>) => Promise<void>;

const FLUSH_MS = 5_000;
/** Accounts in one statement: an attack on more is told a little later. */
const BATCH = 1_000;
/** As many as locks count (COUNTED_ACCOUNTS). */
const LIMIT = 30_000;

export function createToldLocks({ explain, write, clock }: { explain: (account: Touched) => Explanation; write: LockWriter; clock: Clock }): ToldLocks {
  const touched = new Map<number, Touched>();
  /** Accounts of which a row is in the store, as far as this life of the process knows. */
  const told = new Set<number>();
  const stop = new AbortController();

  async function flush(): Promise<void> {
    const batch = [...touched.values()].slice(0, BATCH);
    if (batch.length === 0) return;
    const rows = new Map(batch.map((account) => [account.id, somethingOf(account, explain(account))]));
    for (const { id } of batch) touched.delete(id);
    try {
      await write(rows);
    } catch (error) {
      for (const account of batch) if (!touched.has(account.id) && touched.size < LIMIT) touched.set(account.id, account);
      throw error;
    }
    for (const [id, explanation] of rows) {
      if (explanation === undefined) told.delete(id);
      else if (told.size < LIMIT) told.add(id);
    }
  }

  const rounds = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(FLUSH_MS, stop.signal).catch(() => {});
      await flush().catch(() => {}); // the store says itself that it is away
    }
  })();

  const touch = (account: Touched): void => {
    if (touched.has(account.id) || touched.size < LIMIT) touched.set(account.id, account);
  };
  return {
    touch,
    touchIfTold(account) {
      if (told.has(account.id)) touch(account);
    },
    async close() {
      stop.abort();
      await rounds;
    },
  };
}

function somethingOf({ credentialVersion, unlocks = 0 }: Touched, explanation: Explanation): ToldExplanation | undefined {
  return explanation.networks.length === 0 && explanation.distinct === 0 ? undefined : { ...explanation, version: credentialVersion + unlocks };
}

/** What an instance says is its own row: another one may know otherwise. */
export function createLockWriter(store: Store, instance: string): LockWriter {
  return async (told) => {
    const [some, none] = [[...told].filter(([, explanation]) => explanation !== undefined), [...told].filter(([, explanation]) => explanation === undefined)];
    if (some.length > 0) {
      await sql`
        insert into lock_seen as s (account_id, instance, at, explanation)
        select n.id, ${instance}, now(), n.explanation from unnest(${some.map(([id]) => id)}::bigint[], ${some.map(([, explanation]) => JSON.stringify(explanation))}::jsonb[]) as n (id, explanation)
        join account a on a.id = n.id
        on conflict (account_id, instance) do update set at = excluded.at, explanation = excluded.explanation
      `.execute(store.db());
    }
    if (none.length > 0) await sql`delete from lock_seen where instance = ${instance} and account_id = any(${none.map(([id]) => id)}::bigint[])`.execute(store.db());
  };
}

/** As the instance that looked last explains it, of those that have heard of the last unlock and the last secret; it counts what the others tell it (`sharing.ts`). */
export async function readLocks(store: Store, accountId: number): Promise<Explanation | undefined> {
  const { rows } = await sql<{ explanation: Explanation }>`
    select s.explanation - 'version' as explanation from lock_seen s join account a on a.id = s.account_id left join desk_order o on o.account_id = a.id
    where s.account_id = ${accountId} and s.at > now() - ${KEPT}::interval and (s.explanation->>'version')::bigint >= a.credential_version + coalesce(o.unlocks, 0)
    order by s.at desc limit 1
  `.execute(store.db());
  return rows[0]?.explanation;
}

/** What was written down is over with `tx`: instances write anew what they count from then on. */
export async function forgetToldLocks(tx: Tx, accountId: number): Promise<void> {
  await sql`delete from lock_seen where account_id = ${accountId}`.execute(tx.db());
}

/** The longest that anything there counts: the account's ceiling. */
const KEPT = '30 days';
