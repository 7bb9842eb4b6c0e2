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
import { CausewayError } from '#errors/index.ts';
import { isCrowded } from '#imap/crowded.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Store } from '#store/index.ts';
import { openPlatform } from './access.ts';
import type { Claim, MoveRow } from './claim.ts';
import { moveState, platformSlower } from './events.ts';
import { finalFailure } from './failure.ts';
import { endHold } from './hold/hold-rounds.ts';
import { seenKey } from './mailboxes/lives.ts';
import { isBeside } from './round-options.ts';
import type { RoundOptions } from './round-options.ts';
import { turnBack } from './ledger/turn-back.ts';
import type { Side, Visit } from './visit.ts';

/**
 * Brings row and route into a state in which work can begin.
 * @returns the account's address, and what each platform knows it by; undefined when the move may not begin now
 */
export async function prepare(claim: Claim, options: RoundOptions): Promise<Prepared | undefined> {
  const { row } = claim;
  const mayBegin = row.state !== 'queued' || (await options.mayGoOn(row));
  if (!mayBegin) return undefined;
  return claim.transaction(async (tx, present) => {
    if (present.state === 'held' && present.epoch !== null) await endHold(tx, row.id, row.account_id, present.epoch);
    const route = await readRoute(tx, row.account_id);
    const expected = row.back === 'merging' ? row.target : row.source;
    if (route?.home !== expected) throw finalFailure('state', `the account lives at ${route?.home ?? 'no platform'}, not at ${expected}`);
    // The route knows nothing of what follows back, until a rollback is asked for.
    const beside = isBeside(row);
    const engage = row.back === null ? present.state === 'queued' : !beside && route.phase === 'settled';
    if (engage) {
      const started = await startCopying(tx, row.account_id);
      if (started === undefined) throw finalFailure('state', `the account is ${route.phase}: something else is being done with it`);
      if (present.state === 'following') await setFollowing(tx, row.account_id, started.epoch);
    }
    if (present.state === 'queued') {
      await turnBack(tx, row);
      await sql`update move set state = 'copying', started_at = clock_timestamp() where id = ${row.id}`.execute(tx.db());
      if (!beside) options.emit(moveState, { move: row.id, account: row.account_id, state: 'copying' });
    }
    const { rows } = await sql<Names>`
      select address, (select jsonb_object_agg(n.platform, n.login) from platform_login n where n.account_id = account.id) as "platformLogins"
      from account where id = ${row.account_id}
    `.execute(tx.db());
    return rows[0] && { ...rows[0], epoch: route.epoch };
  });
}

export type Names = { readonly address: string; readonly platformLogins: Record<string, string> | null };

/** With the epoch of the route as it is then. */
export type Prepared = Names & { readonly epoch: number };

export function sideOf(name: string, { platforms }: RoundOptions, { address, platformLogins }: Names): Side {
  const platform = platforms[name];
  if (platform === undefined) throw finalFailure('sign-in', `the configuration has no platform "${name}"`);
  return { platform, login: platformLogins?.[name] ?? address };
}

/**
 * From this attempt in a row without progress on, a message waits until the platform says that it wants it. With LITERAL+
 * a server must read what it refuses (RFC 7888 section 4), and some end the session rather: such a message is not known
 * from a path that breaks.
 */
const ASKS_FIRST_FROM = 2;

export async function connectBoth(claim: Claim, options: RoundOptions, names: Names): Promise<[ImapConnection, ImapConnection]> {
  const { source, target } = claim.row;
  const access = { clock: options.clock, commandMs: options.commandMs, signal: claim.signal, beforeWrite: claim.fence, asksFirst: claim.row.attempt >= ASKS_FIRST_FROM };
  const [atSource, atTarget] = await Promise.allSettled([source, target].map(async (name) => {
    const { platform, login } = sideOf(name, options, names);
    const began = options.clock.monotonic();
    const connection = await openPlatform(platform, login, access);
    const ms = Math.round(options.clock.monotonic() - began);
    if (options.throttle?.took(name, ms) === true) options.emit(platformSlower, { platform: name, ms });
    return connection;
  }));
  if (atSource?.status === 'fulfilled' && atTarget?.status === 'fulfilled') return [atSource.value, atTarget.value];
  for (const side of [atSource, atTarget]) if (side?.status === 'fulfilled') side.value.destroy();
  throw atSource?.status === 'rejected' ? atSource.reason : (atTarget as PromiseRejectedResult).reason;
}

/**
 * One more pair of connections, unless one of the platforms wants fewer, or the account's own clients need them. Where it
 * does not let us in we ask later.
 */
export async function widen(claim: Claim, options: RoundOptions, names: Names): Promise<[ImapConnection, ImapConnection]> {
  const { source, target, account_id: accountId } = claim.row;
  const platforms = [source, target];
  if (claim.crowded() || options.throttle?.mayWiden(platforms, accountId) === false) throw new CausewayError('unavailable', 'a platform wants fewer connections');
  try {
    return await connectBoth(claim, options, names);
  } catch (error) {
    if (isCrowded(error)) options.throttle?.crowded(accountId);
    else options.throttle?.keepNarrow(platforms);
    throw error;
  }
}

/** What the store knows of the account's way, beside its move. */
export async function knownOf(store: Store, row: MoveRow): Promise<Pick<Visit, 'seen' | 'returning' | 'unledgered'>> {
  const { account_id: accountId, source, target } = row;
  const { rows } = await sql<{ seen: { mailbox: string; uidvalidity: number }[] | null; returning: boolean; unledgered: boolean }>`
    select (select jsonb_agg(jsonb_build_object('mailbox', mailbox, 'uidvalidity', uidvalidity)) from uidvalidity_seen
        where account_id = ${accountId} and platform = ${source}) as seen,
      -- Whether the account lived at the move's target before.
      exists (select from move where account_id = ${accountId} and source = ${target} and state = 'moved') as returning,
      not exists (select from ledger where account_id = ${accountId} and source = ${source} and target = ${target}) as unledgered`.execute(store.db());
  const known = rows[0]!;
  return {
    seen: new Set(known.seen?.map(({ mailbox, uidvalidity }) => seenKey(mailbox, uidvalidity))),
    returning: !isBeside(row) && known.returning,
    unledgered: { so: known.unledgered },
  };
}
