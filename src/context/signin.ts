/** Wires sign-in to the directory, the store and the platforms. */
import { join } from 'node:path';
import type { Config } from '#config/index.ts';
import { dropHeld, forgetSignIns, type Mirror, noteAppPasswordUse, noteHashProven, noteSignIns, setHash } from '#directory/index.ts';
import type { Holds } from '#directory/route/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Signs } from '#incident/index.ts';
import { createExchange, createHasher, createOwnChange, loadKnownGoodKey, type OwnChange, type SecretKeeper, type Secrets, type SessionToken, type SignIn, startSignIn } from '#signin/index.ts';
import type { Figures } from '#store/figures.ts';
import type { Store } from '#store/index.ts';
import { createLockWriter } from '#signin/locks/told.ts';
import { openSecrets } from './secrets.ts';
import { verifiersOf } from './verifier.ts';

export type SignInParts = {
  readonly config: Config;
  readonly store: Store;
  readonly mirror: Mirror;
  readonly holds: Holds;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly incidents: Signs;
  readonly onServed: (platform: string, accountId: number, served: boolean) => void;
  readonly figures: Figures;
  readonly endSession: (token: SessionToken, text: string) => void;
};

export type OpenedSignIn = SignIn & {
  /** Sets secrets by an authorised act, or by a reset link. */
  readonly secrets: Secrets;
  /** A customer changes his own. */
  readonly changeOwn: OwnChange;
};

export async function openSignIn(parts: SignInParts): Promise<OpenedSignIn> {
  const { config, store, mirror, holds, clock, emit, figures } = parts;
  const hasher = createHasher({ clock, emit });
  const signIn = await startSignIn({
    accounts: { ...mirror, stale: () => mirror.heardAgo() > config.secrets.staleAfterHours * 3_600_000 },
    routes: holds,
    secrets: keeper(store, mirror.instance),
    platforms: Object.values(config.platforms).flatMap(({ name, sentinel }) =>
      sentinel === undefined ? [] : [{ name, sentinel: { login: sentinel.login, secret: () => sentinel.secret.reveal() } }],
    ),
    signInAtPlatform: verifiersOf(config, clock),
    endSession: (_accountId, session) => parts.endSession(session, 'The password of this account has changed.'),
    hasher,
    key: loadKnownGoodKey(),
    snapshotFile: join(config.data, 'known-good'),
    locksFile: join(config.data, 'known-networks'),
    networks: config.locks,
    exchange: createExchange(store, mirror.instance),
    incidents: parts.incidents,
    onServed: parts.onServed,
    clock,
    emit,
    count: (name, platform, n) => figures.add(name, { platform }, n),
  });
  const secrets = openSecrets(config, store, hasher.makeInTurn);
  return {
    secrets,
    changeOwn: createOwnChange({ store, secrets, accounts: mirror, judge: signIn.attempt }),
    attempt: signIn.attempt,
    couldJudge: signIn.couldJudge,
    knownNetworks: signIn.knownNetworks,
    explain: signIn.explain,
    homeRefused: signIn.homeRefused,
    async close() {
      await signIn.close();
      await hasher.close();
    },
  };
}

function keeper(store: Store, instance: string): SecretKeeper {
  return {
    storeHash: (id, encoded, origin, version) => store.transaction(async (tx) => void (await setHash(tx, id, { encoded, origin }, version))),
    dropHeld: (id, version, hashMatched) => store.transaction(async (tx) => void (await dropHeld(tx, id, version, hashMatched))),
    noteUse: (used) => noteAppPasswordUse(store, used),
    noteProven: (proven) => noteHashProven(store, proven),
    noteSignIns: (seen) => noteSignIns(store, seen),
    forgetSignIns: () => forgetSignIns(store),
    tellLocks: createLockWriter(store, instance),
  };
}
