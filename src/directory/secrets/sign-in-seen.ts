/**
 * From where and by what an account's secrets were presented, and how that ended: for its owner to see.
 *
 * Invariants: one row for each place, program, outcome and its reason, with the first and the last time and how often, so that a mail
 * program that looks every five minutes is one line; nothing is decided by it, and nothing of a secret is in it. A row
 * that nothing was added to for SEEN_KEPT is dropped.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import { dropOlder } from '#store/prune.ts';

/** As long as a network is known after a success (signin/locks). */
const SEEN_KEPT = '30 days';
/** Of an account, the latest are shown: more than a page of them nobody reads. */
const SHOWN = 200;

/** `passkey`, `code` and `recovery-code` are the portal's alone. `none`: it was not accepted. */
export type SignInMeans = 'password' | 'app-password' | 'passkey' | 'code' | 'recovery-code' | 'none';
/**
 * `waiting`: nobody could judge it. `stopped`: the account's state, or an app password by a protocol that it is not for.
 * `code-asked`: the secret was right, and the code of the second step was still to come.
 */
export type SignInOutcome = 'accepted' | 'code-asked' | 'app-password-needed' | 'stopped' | 'rejected' | 'locked' | 'waiting';

/**
 * Why: empty where it was accepted. `secret`: a wrong one. `former`: one that the account had before, most likely of a
 * forgotten device. `revoked`: an app password that was revoked. `no-service`: it was right, and the home does not offer the protocol. `code`: the second step's. `platform`: it was right, and the account's home did not let us in. The others are the verdict's own
 * (signin/verdict.ts, signin/locks).
 */
export type SignInReason =
  | '' | 'secret' | 'former' | 'revoked' | 'code' | 'platform' | 'no-service'
  | 'pair' | 'account' | 'spray' | 'crowded'
  | 'suspended' | 'closed' | 'send-blocked' | 'scope' | 'second-step' | 'held' | 'in-use' | 'store' | 'overload' | 'no-hash' | 'no-verifier'
  | 'verifier-busy' | 'verifier-down' | 'verifier-unproven' | 'budget' | 'pass-ended' | 'changing' | 'deadline' | 'undecodable' | 'internal';

export type SignInSeen = {
  readonly accountId: number;
  readonly protocol: string;
  /** As the locks count it; `elsewhere` for those of a crowd. */
  readonly network: string;
  /** What the program says of itself; empty where it says nothing. */
  readonly device: string;
  readonly outcome: SignInOutcome;
  readonly means: SignInMeans;
  readonly reason: SignInReason;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly times: number;
};

export async function noteSignIns(store: Store, seen: readonly SignInSeen[]): Promise<void> {
  if (seen.length === 0) return;
  const column = <K extends keyof SignInSeen>(key: K): SignInSeen[K][] => seen.map((one) => one[key]);
  await sql`
    insert into sign_in_seen as s (account_id, protocol, network, device, outcome, means, reason, first_at, last_at, times)
    select n.account_id, n.protocol, n.network, n.device, n.outcome, n.means, n.reason, min(n.first_at), max(n.last_at), sum(n.times)::bigint from unnest(${column('accountId')}::bigint[], ${column('protocol')}::text[], ${column('network')}::text[], ${column('device')}::text[],
      ${column('outcome')}::text[], ${column('means')}::text[], ${column('reason')}::text[], ${column('firstAt')}::timestamptz[], ${column('lastAt')}::timestamptz[], ${column('times')}::bigint[])
      as n (account_id, protocol, network, device, outcome, means, reason, first_at, last_at, times)
    join account a on a.id = n.account_id
    group by n.account_id, n.protocol, n.network, n.device, n.outcome, n.means, n.reason
    on conflict (account_id, protocol, network, device, outcome, means, reason)
    do update set last_at = greatest(s.last_at, excluded.last_at), first_at = least(s.first_at, excluded.first_at), times = s.times + excluded.times
  `.execute(store.db());
}

/** For the account's owner: without the reasons. The latest first. */
export async function listSignIns(store: Store, accountId: number): Promise<Omit<SignInSeen, 'accountId' | 'reason'>[]> {
  const { rows } = await sql<Omit<SignInSeen, 'accountId' | 'reason'>>`
    select protocol, network, device, outcome, means, min(first_at) as "firstAt", max(last_at) as "lastAt", sum(times)::bigint as times from sign_in_seen
    where account_id = ${accountId} and last_at > now() - ${SEEN_KEPT}::interval
    group by protocol, network, device, outcome, means order by max(last_at) desc limit ${SHOWN}
  `.execute(store.db());
  return rows;
}

/** For technicians: each reason by itself. The latest first. */
export async function listSignInsByReason(store: Store, accountId: number): Promise<Omit<SignInSeen, 'accountId'>[]> {
  const { rows } = await sql<Omit<SignInSeen, 'accountId'>>`
    select protocol, network, device, outcome, means, reason, first_at as "firstAt", last_at as "lastAt", times from sign_in_seen
    where account_id = ${accountId} and last_at > now() - ${SEEN_KEPT}::interval order by last_at desc limit ${SHOWN}
  `.execute(store.db());
  return rows;
}

/** Drops what is too old. Safe in several processes at once. */
export const forgetSignIns = (store: Store): Promise<void> => dropOlder(store, 'sign_in_seen', 'last_at', SEEN_KEPT);
