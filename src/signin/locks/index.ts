/**
 * Locks: who is not checked, because he guesses.
 *
 * Invariants: a lock is on an account from networks where it has had no success within 30 days, never on one where it
 * has. Distinct wrong secrets count, repeats do not; the account's own secrets of before never do; without a verdict
 * nothing does. A locked secret is not checked, not even against what is known to be good. All of it is in memory and
 * answers at once; with the store, the verifiers and the disk dead nothing here changes. A right secret from a network
 * takes back what it counted. What the installation's other instances count is counted here too, a moment later
 * (`sharing.ts`).
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Account } from '../accounts.ts';
import type { Attempt, Evidence } from '../verdict.ts';
import { type KnownNetworks, packNetworks } from '../known-good/known-networks.ts';
import { type SealedFile, startSealedFile } from '../known-good/sealed-file.ts';
import { CEILING, COUNTED_MS, createCeiling, isClosed } from './ceiling.ts';
import { createCounting } from './counting.ts';
import { createDigests } from './digests.ts';
import { lockEnded } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Explanation } from './explain.ts';
import { createFamiliar } from './familiar.ts';
import { createHeld, SWEEP_MS } from './held.ts';
import { nextLock } from './ladder.ts';
import { createNetworkOf, type Network, type NetworkSettings } from './network.ts';
import type { Note } from './note.ts';
import { createOnTheWay } from './on-the-way.ts';
import { createPairs, pairKey } from './pairs.ts';
import { createRemembered } from './remembered.ts';
import { startSharing } from './sharing.ts';
import { createSpray } from './spray.ts';
import { idOf } from './subject.ts';

export { createExchange, type Exchange } from './exchange.ts';
export { type Explanation, inWords, type NetworkExplained } from './explain.ts';
export type { NetworkSettings } from './network.ts';

/**
 * `pair`: this network has sent too many distinct wrong secrets for this account. `account`: all strangers together
 * have. `spray`: the network, or the secret, is tried on many accounts. `crowded`: as many secrets are on their way as
 * may still be wrong.
 */
export type LockedReason = 'pair' | 'account' | 'spray' | 'crowded';

/** `undefined`: a login name that is no account's, or none that is known yet. */
export type Who = Account | undefined;

export type Locks = {
  /** The account's id; below zero for a name that is no account's. */
  subjectOf(who: Who, attempt: Attempt): number;
  /** The account had a success from this network within 30 days. */
  knows(account: Account, attempt: Attempt): boolean;
  /** Why the attempt is not to be checked; undefined when it may be. */
  refuses(who: Who, attempt: Attempt): LockedReason | undefined;
  /** The secret was the account's before another one was found right: most likely a forgotten device has it. */
  isStale(account: Account, attempt: Attempt): boolean;
  /**
   * The secret is on its way to be checked, and takes a place among those that may be wrong.
   * @returns gives the place back, to be called once; or why there is none
   */
  begin(who: Who, attempt: Attempt): (() => void) | LockedReason;
  accepted(account: Account, attempt: Attempt, by: Evidence): void;
  /** Whether a wrong secret would count: not from a network of the account's own, nor one that was right before. */
  counts(who: Who, attempt: Attempt): boolean;
  /**
   * The verdict was `rejected`. `former`: it is known from elsewhere to be one of the account's secrets of before.
   * @returns whether it is one of them, by what is known elsewhere or here
   */
  rejected(who: Who, attempt: Attempt, former?: boolean): boolean;
  /** A platform refused the secret, and may or may not be believed: no verdict, so nothing of the account's is counted. */
  suspected(who: Who, attempt: Attempt): void;
  /** The networks with a success within 30 days. */
  networks(): KnownNetworks;
  /** What is known of an account's wrong secrets. */
  explain(account: Pick<Account, 'id' | 'credentialVersion' | 'unlocks'>): Explanation;
  close(): Promise<void>;
};

/** As many accounts as can have been tried in 30 days by a large botnet. 30 MB when each has its 100. */
const COUNTED_ACCOUNTS = 30_000;
/** Names that are nobody's are counted as accounts are, so that a lock does not tell which exist. */
const COUNTED_STRANGERS = 10_000;

/** A crash costs the networks that were new in this time; they are learnt again at their next success. */
const SAVE_MS = 30_000;
const MAGIC = Buffer.from('causeway known networks 1\n', 'latin1');

const NONE: ReadonlySet<number> = new Set();

/** By what instances tell each other what they count. */
export type Shared = { readonly exchange: Exchange; readonly key: Buffer };

/** `file`, `shared`: absent when there is no key that outlives the process, and is the other instances' too. */
export type LockOptions = {
  settings: NetworkSettings;
  keys: { digest: Buffer; file: Buffer };
  file: string | undefined;
  shared: Shared | undefined;
  /** An incident of the account's sign-in is open. */
  frozen: (account: Account) => boolean;
  clock: Clock;
  emit: Emit;
};

export async function startLocks({ settings, keys, file, shared: share, frozen, clock, emit }: LockOptions): Promise<Locks> {
  const digests = createDigests(keys.digest);
  const networkOf = createNetworkOf(settings, digests);
  const familiar = createFamiliar(clock);
  const held = createHeld({ clock, emit });
  const pairs = createPairs({ clock, onChanged: (pair) => held.end(pairKey(pair.subject, pair.network), 'changed') });
  const spray = createSpray({ clock, held });
  const onEnded = (subject: number, why: string): void => emit(lockEnded, { kind: 'account', accountId: idOf(subject), network: undefined, why });
  const ceiling = createCeiling({ clock, limit: COUNTED_ACCOUNTS, onEnded });
  const strangers = createCeiling({ clock, limit: COUNTED_STRANGERS, onEnded });
  const ceilingOf = (subject: number): typeof ceiling => (subject < 0 ? strangers : ceiling);
  const { wrong, right } = createCounting({ familiar, held, pairs, spray, ceilingOf, emit });
  const fromPairs = createOnTheWay<string>();
  const forSubjects = createOnTheWay<number>();
  const sealed: SealedFile | undefined =
    file === undefined ? undefined : await startSealedFile({ file, key: keys.file, magic: MAGIC, everyMs: SAVE_MS, content: createRemembered({ familiar, ceiling }), clock, emit });
  const sharing = share === undefined ? undefined : startSharing({ ...share, hear, clock, emit });
  const stop = new AbortController();
  const sweeping = sweep();

  async function sweep(): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(SWEEP_MS, stop.signal);
        held.sweep();
      }
    } catch {
      // Stopped.
    }
  }

  const subjectOf = (who: Who, attempt: Attempt): number => who?.id ?? digests.stranger(attempt.login);
  /** Rises with the secret, and with each unlock by a technician: what was counted at a lower one counts no more. */
  const versionOf = (who: Pick<Account, 'credentialVersion' | 'unlocks'> | undefined): number => (who?.credentialVersion ?? 0) + (who?.unlocks ?? 0);
  const isKnown = (who: Who, network: Network): boolean => who !== undefined && familiar.knows(who.id, network.key);
  /** Behind a shared range's addresses the customer's own device has another one each day. */
  const isKnownRange = (who: Who, { shared }: Network): boolean => who !== undefined && shared !== undefined && familiar.knows(who.id, shared);

  function refuses(who: Who, attempt: Attempt): LockedReason | undefined {
    const network = networkOf(attempt.network);
    if (isKnown(who, network)) return undefined;
    const subject = subjectOf(who, attempt);
    // Looked at first, since this is what ends a lock with the secret that was guessed at.
    pairs.find(subject, versionOf(who), network);
    if (held.until(pairKey(subject, network)) !== undefined) return 'pair';
    if (isKnownRange(who, network)) return undefined;
    if (isClosed(ceilingOf(subject).find(subject, versionOf(who)))) return 'account';
    return spray.stops(network, digests.secret(attempt.secret)) ? 'spray' : undefined;
  }

  /** Another instance counted it. What was sent before the account's secret changed counts for nothing. */
  function hear(note: Note): void {
    const { subject, network, secret } = note;
    if (note.is === 'right') return void right(subject, network, secret, note.how);
    const versions = [ceilingOf(subject).find(subject, note.version)?.version, pairs.find(subject, note.version, network)?.version];
    if (versions.some((version) => version !== undefined && version > note.version)) return;
    wrong(subject, note.version, network, note.secret, note.plain);
  }

  return {
    subjectOf,
    knows: (account, attempt) => isKnown(account, networkOf(attempt.network)),
    refuses,
    isStale: (account, attempt) => familiar.isStale(account.id, digests.secretOf(account.id, attempt.secret)),
    begin(who, attempt) {
      const refused = refuses(who, attempt);
      if (refused !== undefined) return refused;
      const network = networkOf(attempt.network);
      const subject = subjectOf(who, attempt);
      const secret = digests.secretOf(subject, attempt.secret);
      if (isKnown(who, network) || (who !== undefined && familiar.isOwn(who.id, secret))) return () => {};
      const sent = pairs.find(subject, versionOf(who), network) ?? { wrong: NONE, distinct: 0 };
      const counted = ceilingOf(subject).find(subject, versionOf(who))?.wrong ?? NONE;
      if (!fromPairs.hasRoom(pairKey(subject, network), secret, sent.wrong, nextLock(sent.distinct) - sent.distinct)) return 'crowded';
      if (!isKnownRange(who, network) && !forSubjects.hasRoom(subject, secret, counted, CEILING - counted.size)) return 'crowded';
      const ends = [fromPairs.take(pairKey(subject, network), secret), forSubjects.take(subject, secret)];
      return () => {
        for (const end of ends) end();
      };
    },
    suspected(who, attempt) {
      const network = networkOf(attempt.network);
      const subject = subjectOf(who, attempt);
      if (isKnown(who, network) || isKnownRange(who, network)) return;
      if (who !== undefined && familiar.isOwn(who.id, digests.secretOf(subject, attempt.secret))) return;
      spray.suspected(subject, digests.secret(attempt.secret));
    },
    accepted(account, attempt, by) {
      const network = networkOf(attempt.network);
      // App passwords would push out the secrets that people choose, and nobody has an old one of those in a drawer by chance.
      const secret = by === 'app-password' ? undefined : digests.secretOf(account.id, attempt.secret);
      const how = by === 'known-good' || by === 'app-password' ? 'held' : 'checked';
      if (right(account.id, network, secret, how)) sharing?.tell({ is: 'right', subject: account.id, network, secret, how });
    },
    counts(who, attempt) {
      if (who === undefined || isKnown(who, networkOf(attempt.network))) return false;
      return !familiar.isOwn(who.id, digests.secretOf(who.id, attempt.secret));
    },
    rejected(who, attempt, former = false) {
      const network = networkOf(attempt.network);
      const subject = subjectOf(who, attempt);
      const version = versionOf(who);
      if (former) {
        pairs.stale(pairs.open(subject, version, network));
        return true;
      }
      const [secret, plain] = [digests.secretOf(subject, attempt.secret), digests.secret(attempt.secret)];
      // In an incident customers who were away for months come from home with whatever they last knew. Strangers count as ever.
      const own = who !== undefined && familiar.isOwn(who.id, secret);
      if (who !== undefined && familiar.knew(who.id, network.key) && frozen(who)) pairs.wrong(pairs.open(subject, version, network), secret);
      else if (wrong(subject, version, network, secret, plain)) sharing?.tell({ is: 'wrong', subject, version, network, secret, plain });
      return own;
    },
    networks: () => ({
      key: digests.networkKey.toString('base64'),
      bits: packNetworks(familiar.allNetworks()).toString('base64'),
      ipv4Prefix: settings.ipv4Prefix,
      ipv6Prefix: settings.ipv6Prefix,
    }),
    explain(account) {
      const { id } = account;
      const count = ceiling.find(id, versionOf(account));
      for (const { network } of pairs.of(id)) pairs.find(id, versionOf(account), network);
      const wall = (until: number | undefined): number | undefined => (until === undefined ? undefined : clock.now() + until - clock.monotonic());
      return {
        knownNetworks: familiar.networks(id),
        distinct: count?.wrong.size ?? 0,
        ceiling: CEILING,
        closed: count !== undefined && isClosed(count) ? { since: count.since, until: count.lastAt + COUNTED_MS } : undefined,
        networks: pairs
          .of(id)
          .toSorted((a, b) => b.lastAt - a.lastAt)
          .map(({ network, distinct, since, lastAt, stale }) => ({
            network: network.text,
            known: familiar.knows(id, network.key),
            wrong: distinct,
            since,
            lastAt,
            stale: { ...stale },
            lockedUntil: wall(held.until(pairKey(id, network))),
            sprayingUntil: wall(spray.until(network)),
          })),
      };
    },
    async close() {
      stop.abort();
      await sweeping;
      await sharing?.close();
      await sealed?.close();
    },
  };
}
