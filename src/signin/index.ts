/**
 * Sign-in: who may come in, and what those who may not are told. See `sign-in.ts` for the order of a verdict.
 *
 * Invariant: every part keeps its own; here they are put together and ended in order.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Signs } from '#incident/index.ts';
import type { Account, Accounts, Routes, SecretKeeper } from './accounts.ts';
import { createBeside } from './beside.ts';
import { createBudget } from './load/budget.ts';
import { createChecker } from './check.ts';
import { type CouldJudge, createCouldJudge } from './could-judge.ts';
import { createDigestOf, createPresenceOf, deriveKeys } from './known-good/digest.ts';
import { hashUnsupported, snapshotOff } from './events.ts';
import { createIsFormer } from './known-good/former.ts';
import type { Hasher } from './load/hash.ts';
import { createHistory } from './history.ts';
import { createKnownBad } from './known-good/known-bad.ts';
import type { KnownNetworks } from './known-good/known-networks.ts';
import { startSnapshot } from './known-good/known-good-snapshot.ts';
import { createKnownGood } from './known-good/known-good.ts';
import { createLazyNote } from './known-good/lazy-note.ts';
import { createLearn } from './known-good/learn.ts';
import { createPresence } from './known-good/presence.ts';
import { locksAlone } from './locks/events.ts';
import { networkText } from './locks/network.ts';
import { type Exchange, type Explanation, type NetworkSettings, startLocks } from './locks/index.ts';
import { createToldLocks } from './locks/told.ts';
import { createJudge, type Judge } from './sign-in.ts';
import { createOrder, type Protocol, type SessionToken } from './verdict.ts';
import { type Count, createVerifier, type SentinelLogin, type SignInAtPlatform } from './verifiers/verifier.ts';

export type { Account, AccountState, Accounts, HashOrigin, Route, Routes, SecretKeeper } from './accounts.ts';
export { createHasher, type Hasher } from './load/hash.ts';
export { createExchange, type Explanation, inWords, type NetworkExplained, type NetworkSettings } from './locks/index.ts';
export { loadKnownGoodKey } from './known-good/known-good-key.ts';
export { type NewSecretFault, newSecretFault } from './secrets/new-secret.ts';
export { createOwnChange, type OwnChange } from './secrets/own-change.ts';
export { createSecrets, type Secrets, type SecretSet } from './secrets/secrets.ts';
export { type Moment, type Refusal, type Reply, replyFor } from './replies.ts';
export type { CouldJudge } from './could-judge.ts';
export type { Attempt, MailProtocol, Protocol, Register, SessionToken, Verdict } from './verdict.ts';
export { schemeFault } from './scheme.ts';
export type { Count, FigureName, SentinelLogin, SignInAtPlatform, SignInThere } from './verifiers/verifier.ts';
export { createHttpSignIn, type HttpEndpoint } from './verifiers/verifier-http.ts';
export { createImapSignIn, type OpenConnection, type VerifierConnection } from './verifiers/verifier-imap.ts';
export { createLdapSignIn, type LdapEndpoint } from './verifiers/verifier-ldap.ts';
export { createPop3SignIn, type OpenPop3, type Pop3VerifierConnection } from './verifiers/verifier-pop3.ts';

/** To the hour is what people want to know of an app password's use; of 30 days, a day does not matter to a hand-over. */
const HOURLY_MS = 3_600_000;
const DAILY_MS = 24 * HOURLY_MS;

export type SignIn = {
  readonly attempt: Judge;
  /** See `could-judge.ts`. */
  readonly couldJudge: CouldJudge;
  /** The networks with a success lately. Costs some milliseconds. */
  knownNetworks(): KnownNetworks;
  /** What the desk says of an account's wrong secrets and locks; `inWords` says it. */
  explain(account: Pick<Account, 'id' | 'credentialVersion' | 'unlocks'>): Explanation;
  /** A secret was right, and the account's home did not let us in: for its owner and the desk to see. */
  homeRefused(seen: { readonly accountId: number; readonly protocol: Protocol; readonly network: string; readonly device: string; readonly why: 'platform' | 'no-service' | 'in-use' }): void;
  /** Ends the checks under way (their attempts are `unavailable`), stores what was learnt, writes the snapshot. */
  close(): Promise<void>;
};

export type SignInOptions = {
  accounts: Accounts;
  routes: Routes;
  secrets: SecretKeeper;
  /** Those that may be an account's authority. */
  platforms: readonly { readonly name: string; readonly sentinel: SentinelLogin }[];
  signInAtPlatform: SignInAtPlatform;
  /** A session's secret has proven wrong since: it is to be ended. Must not throw. */
  endSession: (accountId: number, session: SessionToken) => void;
  /** Ends with its maker, after `close`. */
  hasher: Hasher;
  /** From `loadKnownGoodKey`; without it nothing is remembered over a restart. */
  key: Buffer | undefined;
  snapshotFile: string;
  /** Known networks and counts of wrong secrets; written only with a key, as the snapshot is. */
  locksFile: string;
  networks: NetworkSettings;
  /** By it the instances of an installation tell each other what their locks count; only with a key, which is theirs too. */
  exchange: Exchange | undefined;
  /** Told of each attempt by whose word on secrets it was, or could not be, judged: a platform's name, or `ours`. Must not throw. */
  onServed?: (platform: string, accountId: number, served: boolean) => void;
  /** Told what opens and closes incidents; while one is open, locks spare customers of long ago. */
  incidents: Signs;
  clock: Clock;
  emit: Emit;
  count: Count;
};

export async function startSignIn(options: SignInOptions): Promise<SignIn> {
  const { accounts, routes, secrets, platforms, signInAtPlatform, endSession, hasher, incidents, clock, emit, count } = options;
  const order = createOrder();
  const keys = deriveKeys(options.key ?? randomBytes(32));
  const knownGood = createKnownGood(clock);
  const knownBad = createKnownBad(clock);
  const snapshot =
    options.key === undefined ? undefined : await startSnapshot({ file: options.snapshotFile, keys, knownGood, clock, emit });
  if (snapshot === undefined) {
    emit(snapshotOff, {});
    emit(locksAlone, { why: 'no-key' });
  }
  const locks = await startLocks({
    settings: options.networks,
    keys: { digest: keys.locks, file: keys.locksFile },
    file: options.key === undefined ? undefined : options.locksFile,
    shared: options.key === undefined || options.exchange === undefined ? undefined : { exchange: options.exchange, key: keys.locksShared },
    frozen: (account) => incidents.touches(account.authority),
    clock,
    emit,
  });

  const authorities = new Map(
    platforms.map(({ name, sentinel }) => {
      const verifier = createVerifier({ platform: name, signIn: signInAtPlatform, sentinel, order, onSentinel: (outcome) => incidents.sentinel(name, outcome), clock, emit, count });
      return [name, { verifier, budget: createBudget(clock) }] as const;
    }),
  );
  const proofs = createLazyNote({ write: secrets.noteProven, everyMs: DAILY_MS, clock });
  const learn = createLearn({ knownGood, knownBad, hasher, secrets, proofs, clock, emit, count });
  const checker = createChecker({
    accounts,
    authorities,
    hasher,
    knownBad,
    order,
    clock,
    onUnsupported: (account) => emit(hashUnsupported, { accountId: account.id }),
  });
  const beside = createBeside({ accounts, routes, authorities, secrets, hasher, knownGood, learn, endSession, clock, emit });
  const appUse = createLazyNote({ write: secrets.noteUse, everyMs: HOURLY_MS, clock });
  const history = createHistory({ keeper: secrets, networkText: (address) => networkText(address, options.networks), clock });
  const toldLocks = createToldLocks({ explain: locks.explain, write: secrets.tellLocks, clock });
  const digestOf = createDigestOf(keys.digest);
  const presence = createPresence(knownGood, createPresenceOf(keys.digest));
  const judge = createJudge({
    accounts,
    routes,
    authorities,
    checker,
    hasher,
    digestOf,
    knownGood,
    presence,
    knownBad,
    isFormer: createIsFormer({ hasher, knownBad }),
    appUse,
    history,
    learn,
    beside,
    locks,
    toldLocks,
    incidents,
    onServed: options.onServed ?? (() => {}),
    order,
    clock,
    emit,
    count,
  });

  return {
    attempt: judge,
    couldJudge: createCouldJudge({ accounts, authorities, presence }),
    knownNetworks: locks.networks,
    explain: locks.explain,
    homeRefused({ accountId, protocol, network, device, why }) {
      history.note({ accountId, protocol, network, device, outcome: 'waiting', means: 'none', reason: why });
    },
    async close() {
      await Promise.all([...authorities.values()].map(({ verifier }) => verifier.close()));
      await beside.close();
      await learn.close();
      await appUse.close();
      await history.close();
      await toldLocks.close();
      await proofs.close();
      await snapshot?.close();
      await locks.close();
    },
  };
}
