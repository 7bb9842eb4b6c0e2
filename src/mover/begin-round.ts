/**
 * The beginning of a round: the row and the route are brought into a state in which work can begin, and both platforms
 * are signed in at.
 *
 * Invariant: row and route are changed together, in the claim's transaction, and only when the account lives where the
 * row says.
 */
import { sql } from 'kysely';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { setFollowing, startCopying } from '#directory/route/phases.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Store } from '#store/index.ts';
import { openPlatform } from './access.ts';
import type { Claim, MoveRow } from './claim.ts';
import { moveState } from './events.ts';
import { finalFailure } from './failure.ts';
import { endHold } from './hold.ts';
import { seenKey } from './lives.ts';
import type { RoundOptions } from './round-options.ts';
import { turnBack } from './turn-back.ts';
import type { Side } from './visit.ts';

/**
 * Brings row and route into a state in which work can begin.
 * @returns the account's address, and what each platform knows it by; undefined when the move may not begin now
 */
export async function prepare(claim: Claim, options: RoundOptions): Promise<Names | undefined> {
  const { row } = claim;
  const mayBegin = row.state !== 'queued' || (await options.mayGoOn(row));
  if (!mayBegin) return undefined;
  return claim.transaction(async (tx, present) => {
    if (present.state === 'held' && present.epoch !== null) await endHold(tx, row.id, row.account_id, present.epoch);
    const route = await readRoute(tx, row.account_id);
    const expected = row.back === 'merging' ? row.target : row.source;
    if (route?.home !== expected) throw finalFailure('state', `the account lives at ${route?.home ?? 'no platform'}, not at ${expected}`);
    // The route knows nothing of what follows back, until a rollback is asked for.
    const back = row.back === 'asked' || row.back === 'without';
    const engage = back ? route.phase === 'settled' : row.back === null && present.state === 'queued';
    if (engage) {
      const started = await startCopying(tx, row.account_id);
      if (started === undefined) throw finalFailure('state', `the account is ${route.phase}: something else is being done with it`);
      if (present.state === 'following') await setFollowing(tx, row.account_id, started.epoch);
    }
    if (present.state === 'queued') {
      await turnBack(tx, row);
      await sql`update move set state = 'copying', started_at = clock_timestamp() where id = ${row.id}`.execute(tx.db());
      if (row.back === null || back) options.emit(moveState, { move: row.id, account: row.account_id, state: 'copying' });
    }
    const { rows } = await sql<Names>`
      select address, (select jsonb_object_agg(n.platform, n.login) from platform_login n where n.account_id = account.id) as "platformLogins"
      from account where id = ${row.account_id}
    `.execute(tx.db());
    return rows[0];
  });
}

export type Names = { readonly address: string; readonly platformLogins: Record<string, string> | null };

export function sideOf(name: string, { platforms }: RoundOptions, { address, platformLogins }: Names): Side {
  const platform = platforms[name];
  if (platform === undefined) throw finalFailure('sign-in', `the configuration has no platform "${name}"`);
  return { platform, login: platformLogins?.[name] ?? address };
}

export async function connectBoth(claim: Claim, options: RoundOptions, names: Names): Promise<[ImapConnection, ImapConnection]> {
  const { source, target } = claim.row;
  const access = { clock: options.clock, commandMs: options.commandMs, signal: claim.signal, beforeWrite: claim.fence };
  const [atSource, atTarget] = await Promise.allSettled([source, target].map(async (name) => {
    const { platform, login } = sideOf(name, options, names);
    return openPlatform(platform, login, access);
  }));
  if (atSource?.status === 'fulfilled' && atTarget?.status === 'fulfilled') return [atSource.value, atTarget.value];
  for (const side of [atSource, atTarget]) if (side?.status === 'fulfilled') side.value.destroy();
  throw atSource?.status === 'rejected' ? atSource.reason : (atTarget as PromiseRejectedResult).reason;
}

export async function seenAt(store: Store, { account_id: accountId, source }: MoveRow): Promise<Set<string>> {
  const { rows } = await sql<{ mailbox: string; uidvalidity: number }>`
    select mailbox, uidvalidity from uidvalidity_seen where account_id = ${accountId} and platform = ${source}`.execute(store.db());
  return new Set(rows.map(({ mailbox, uidvalidity }) => seenKey(mailbox, uidvalidity)));
}
