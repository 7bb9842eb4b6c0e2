/**
 * The check beside an admission: the customer is in already, on a secret that we hold as good, and the authority is
 * asked whether it still is.
 *
 * Invariants: nobody waits for it, and it takes only room that no customer wants. It ends a secret only on a refusal by
 * a verifier that was proven healthy some seconds later, for an account that is not held, while the store confirms the
 * account and takes the new credential version; anything less changes nothing, and the next sign-in asks again.
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import type { Account, Accounts, Routes, SecretKeeper } from './accounts.ts';
import { askAuthority, type Authority } from './verifiers/ask.ts';
import { confirm, sameStanding } from './check.ts';
import { BESIDE } from './load/claim.ts';
import type { Digest } from './known-good/digest.ts';
import { besideFailed, heldSecretEnded } from './events.ts';
import type { Hasher } from './load/hash.ts';
import type { KnownGood } from './known-good/known-good.ts';
import type { Learn } from './known-good/learn.ts';
import type { SessionToken } from './verdict.ts';
import { STORE_MS, timeLimit } from './load/within.ts';

/** When it could not be had or not be believed. Three a minute keep the count of held secrets refused at a platform
 * that says no to everybody above its limit, so that it is disbelieved for as long as that lasts. */
const AGAIN_MS = 20_000;

/** Before a refusal of a held secret counts: a platform that turns against many does so within seconds, and then none
 * of them is ended. */
const SETTLE_MS = 5000;

/** Checks under way, the five seconds included: 320 a second for that long is what a verifier could do at most, and
 * only half of it is given to them. */
const UNDER_WAY = 800;

/** Sessions ended with one secret: a customer's devices, with some over. */
const SESSIONS = 64;

export type Beside = {
  /** The secret admitted a session; the authority is asked if there is room. Never throws, never waits. */
  start(account: Account, digest: Digest, secret: string, session: SessionToken | undefined): void;
  close(): Promise<void>;
};

export function createBeside(options: {
  accounts: Accounts;
  routes: Routes;
  authorities: ReadonlyMap<string, Authority>;
  secrets: SecretKeeper;
  hasher: Hasher;
  knownGood: KnownGood;
  learn: Learn;
  endSession: (accountId: number, session: SessionToken) => void;
  clock: Clock;
  emit: Emit;
}): Beside {
  const { accounts, routes, authorities, secrets, hasher, knownGood, learn, endSession, clock, emit } = options;
  const underWay = new Map<Digest, { readonly sessions: Set<SessionToken>; readonly work: Promise<void> }>();
  const stop = new AbortController();

  /** Whether the secret is proven wrong; undefined when there is no saying. */
  async function verdictOf(account: Account, digest: Digest, secret: string): Promise<'right' | 'wrong' | undefined> {
    if (account.authority === 'ours') return await verdictOfOurs(account, secret);
    const authority = authorities.get(account.authority);
    if (authority === undefined || !authority.verifier.hasRoom()) return undefined;
    const asked = await askAuthority(authority, { account, digest, secret, claim: BESIDE }, async () => {
      authority.verifier.heldRefused(account.id);
      await clock.sleep(SETTLE_MS, stop.signal);
    });
    return asked.answer === 'nothing' ? undefined : asked.answer;
  }

  async function verdictOfOurs(account: Account, secret: string): Promise<'right' | 'wrong' | undefined> {
    if (account.hash === undefined || hasher.busy) return undefined;
    const match = await hasher.verify(account.hash.encoded, secret, BESIDE);
    if (match === 'unsupported') return undefined;
    return match === 'match' ? 'right' : 'wrong';
  }

  async function run(account: Account, digest: Digest, secret: string, sessions: ReadonlySet<SessionToken>): Promise<void> {
    const epoch = routes.homeNow(account.id)?.epoch;
    const verdict = await verdictOf(account, digest, secret);
    if (verdict === 'right') learn.revalidated(account, digest, secret);
    if (verdict !== 'wrong') return;
    const now = (await confirm(accounts, clock, account.id))?.account;
    if (now === undefined || !sameStanding(now, account)) return;
    const hash = now.hash?.encoded;
    const hashMatched = hash !== undefined && (await hasher.verify(hash, secret, BESIDE)) === 'match';
    // Our own hash says yes after all: it was made anew between the two looks.
    if (account.authority === 'ours' && hashMatched) return;
    // Held now, or in between: the refusal may be the hold's fence.
    if (epoch === undefined || routes.homeNow(account.id)?.epoch !== epoch) return;
    // Our own version is raised by the change that made the secret wrong; a platform's changes are learnt here.
    if (account.authority !== 'ours') {
      await timeLimit(secrets.dropHeld(account.id, account.credentialVersion, hashMatched), STORE_MS, clock, 'the new version');
    }
    knownGood.end(digest);
    emit(heldSecretEnded, { accountId: account.id, platform: account.authority, sessions: sessions.size, hashMatched });
    for (const session of sessions) endSession(account.id, session);
  }

  return {
    start(account, digest, secret, session) {
      const running = underWay.get(digest);
      if (running !== undefined) {
        if (session !== undefined && running.sessions.size < SESSIONS) running.sessions.add(session);
        return;
      }
      if (stop.signal.aborted || underWay.size >= UNDER_WAY) return;
      knownGood.postpone(digest, AGAIN_MS);
      const sessions = new Set<SessionToken>(session === undefined ? [] : [session]);
      const work = run(account, digest, secret, sessions)
        .catch((error: unknown) => {
          if (!stop.signal.aborted) emit(besideFailed, { message: messageOf(error) });
        })
        .finally(() => underWay.delete(digest));
      underWay.set(digest, { sessions, work });
    },
    async close() {
      stop.abort();
      await Promise.all([...underWay.values()].map(({ work }) => work));
    },
  };
}
