/**
 * What is remembered of a secret that was found right: its digest at once, a hash of ours beside.
 *
 * Invariants: nobody waits for a hash to be stored; one that cannot be made or stored is left for the next full check.
 * Hashes that nobody waits for are made one after another, and take a small share of one core.
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Account, HashOrigin, SecretKeeper } from '../accounts.ts';
import { BESIDE } from '../load/claim.ts';
import type { Digest } from './digest.ts';
import { falseRejectionSuspected, hashStored, hashUnstored } from '../events.ts';
import type { Hasher } from '../load/hash.ts';
import type { KnownBad } from './known-bad.ts';
import type { KnownGood } from './known-good.ts';
import type { LazyNote } from './lazy-note.ts';
import { wantsRehash } from '../scheme.ts';
import type { Count } from '../verifiers/verifier.ts';
import { STORE_MS, timeLimit } from '../load/within.ts';

/** Hashes on their way to the store: what a slow store may keep in memory. The rest is captured at a later sign-in. */
const STORING = 256;

/**
 * Of the time, a hash being made; the rest belongs to the customers. At the 10 ms of a quiet machine this is ten hashes a
 * second, a first sign-in of each of 28,000 customers within an hour. Without it a verifier's 100 first sign-ins a second
 * took a whole core of two from the gateway (`bench:storm`).
 */
const SHARE = 0.1;
/** What STORING hashes take at that share, and a burst of checks besides. After it the secret is forgotten. */
const MAKE_WITHIN_MS = 30_000;
/** A pool that is busy with checks is asked again after so long. */
const MAKE_RETRY_MS = 500;

export type Learn = {
  /** A check found the secret right. */
  right(account: Account, digest: Digest, secret: string, by: 'hash' | 'platform'): void;
  /** The authority accepted, beside, a secret that had been admitted. */
  revalidated(account: Account, digest: Digest, secret: string): void;
  /** Resolves when nothing is on its way to the store. */
  close(): Promise<void>;
};

export function createLearn(options: {
  knownGood: KnownGood;
  knownBad: KnownBad;
  hasher: Hasher;
  secrets: SecretKeeper;
  proofs: LazyNote;
  clock: Clock;
  emit: Emit;
  count: Count;
}): Learn {
  const { knownGood, knownBad, hasher, secrets, proofs, clock, emit, count } = options;
  const storing = new Set<Promise<void>>();
  const closing = new AbortController();

  /** Ends when the next hash may be made. Never rejects. */
  let turn: Promise<void> = Promise.resolve();

  async function make(secret: string): Promise<string> {
    const until = clock.monotonic() + MAKE_WITHIN_MS;
    const made = turn.then(() => makeBy(until, secret));
    turn = made.then(({ ms }) => rest(ms * (1 / SHARE - 1)), () => {});
    return (await made).encoded;
  }

  async function makeBy(until: number, secret: string): Promise<{ encoded: string; ms: number }> {
    for (;;) {
      closing.signal.throwIfAborted();
      const began = clock.monotonic();
      if (began >= until) throw new CausewayError('limit', 'no time was left to make it');
      try {
        const encoded = await hasher.make(secret);
        return { encoded, ms: clock.monotonic() - began };
      } catch {
        await clock.sleep(MAKE_RETRY_MS, closing.signal);
      }
    }
  }

  async function rest(ms: number): Promise<void> {
    if (ms > 0) await clock.sleep(ms, closing.signal).catch(() => {});
  }

  function store(account: Account, secret: string, origin: HashOrigin): void {
    if (storing.size >= STORING) return;
    const work = (async () => {
      try {
        const encoded = await make(secret);
        await timeLimit(secrets.storeHash(account.id, encoded, origin, account.credentialVersion), STORE_MS, clock, 'the hash');
        emit(hashStored, { accountId: account.id, origin });
      } catch (error) {
        emit(hashUnstored, { accountId: account.id, message: messageOf(error) });
      }
    })();
    storing.add(work);
    void work.finally(() => storing.delete(work));
  }

  /** Once a day is worth a hash: it may be another secret that the platform takes, and proves nothing of ours. */
  function prove(accountId: number, encoded: string, secret: string): void {
    if (!proofs.due(accountId) || hasher.busy) return;
    hasher.verify(encoded, secret, BESIDE).then(
      (match) => void (match === 'match' && proofs.note(accountId)),
      () => {},
    );
  }

  return {
    right(account, digest, secret, by) {
      if (knownBad.accepted(digest)) {
        count('signin.false-rejection', account.authority);
        emit(falseRejectionSuspected, { platform: account.authority, cause: 'accepted later', accountId: account.id, verdicts: 1 });
      }
      const full = by === 'platform' || account.authority === 'ours';
      if (full) knownGood.checked(digest);
      else knownGood.admitted(digest);
      if (by === 'platform') store(account, secret, 'captured');
      else if (full && account.hash !== undefined && wantsRehash(account.hash.encoded, secret)) store(account, secret, 'ours');
    },
    revalidated(account, digest, secret) {
      knownGood.checked(digest);
      if (account.authority === 'ours') return;
      // An imported hash is proven now, and may be handed over: see directory/secrets/authority.ts.
      if (account.hash === undefined || account.hash.origin === 'imported') store(account, secret, 'captured');
      else prove(account.id, account.hash.encoded, secret);
    },
    async close() {
      closing.abort(new Error('closed'));
      await Promise.all(storing);
    },
  };
}
