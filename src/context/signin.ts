/** Wires sign-in to the directory, the store and the platforms. */
import { join } from 'node:path';
import type { Config, PlatformConfig } from '#config/index.ts';
import { bumpCredentialVersion, dropHash, type Mirror, setHash } from '#directory/index.ts';
import type { Holds } from '#directory/route/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { connect } from '#imap/connect.ts';
import { createHasher, createImapSignIn, loadKnownGoodKey, type SecretKeeper, type SessionToken, type SignIn, startSignIn } from '#signin/index.ts';
import type { Figures } from '#store/figures.ts';
import type { Store } from '#store/index.ts';

export type SignInParts = {
  readonly config: Config;
  readonly store: Store;
  readonly mirror: Mirror;
  readonly holds: Holds;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly figures: Figures;
  readonly endSession: (token: SessionToken, text: string) => void;
};

/** A healthy platform takes a connection in milliseconds; sign-in has 8 s for the whole check. */
const CONNECT_MS = 4_000;
const COMMAND_MS = 8_000;

export async function openSignIn(parts: SignInParts): Promise<SignIn> {
  const { config, store, mirror, holds, clock, emit, figures } = parts;
  const hasher = createHasher({ clock, emit });
  const signIn = await startSignIn({
    accounts: mirror,
    routes: holds,
    secrets: keeper(store),
    platforms: Object.values(config.platforms).flatMap(({ name, sentinel }) =>
      sentinel === undefined ? [] : [{ name, sentinel: { login: sentinel.login, secret: () => sentinel.secret.reveal() } }],
    ),
    signInAtPlatform: createImapSignIn((name, signal) => dial(config.platforms[name]!, clock, signal)),
    endSession: (_accountId, session) => parts.endSession(session, 'The password of this account has changed.'),
    hasher,
    key: loadKnownGoodKey(),
    snapshotFile: join(config.data, 'known-good'),
    clock,
    emit,
    count: (name, platform, n) => figures.add(name, { platform }, n),
  });
  return {
    attempt: signIn.attempt,
    async close() {
      await signIn.close();
      await hasher.close();
    },
  };
}

function dial(platform: PlatformConfig, clock: Clock, signal: AbortSignal): ReturnType<typeof connect> {
  const { host, port, tls, ca } = platform.imap;
  return connect({ host, port, tls, ...(ca === undefined ? {} : { ca }) }, { clock, connectMs: CONNECT_MS, commandMs: COMMAND_MS, signal });
}

function keeper(store: Store): SecretKeeper {
  return {
    storeHash: (id, encoded, origin, version) => store.transaction(async (tx) => void (await setHash(tx, id, { encoded, origin }, version))),
    dropHeld: (id, version, hashMatched) =>
      store.transaction(async (tx) => {
        if (hashMatched) await dropHash(tx, id, version);
        await bumpCredentialVersion(tx, id, version);
      }),
  };
}
