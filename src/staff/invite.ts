/**
 * Giving somebody of the staff what he signs in by: a password that we make, and what his phone makes codes from.
 *
 * Invariant: both are returned once, to be shown once; kept are a hash and a seal.
 */
import { generateSecret, generateURI } from 'otplib';
import type { Seal } from '#directory/outbox/seal.ts';
import { makeSecret } from '#directory/secrets/made-secret.ts';
import type { Store } from '#store/index.ts';
import type { Role } from './api.ts';
import { addPerson, resetPerson } from './people.ts';

/** `uri`: `otpauth://…`, for a QR code. `code`: the same to be typed, in base32. */
export type Invited = { readonly name: string; readonly password: string; readonly phone: { readonly code: string; readonly uri: string } | undefined };

type Means = { readonly store: Store; readonly makeHash: (secret: string) => Promise<string>; /** Undefined: no codes. */ readonly seal: Seal | undefined; readonly by: { readonly actor: string; readonly why?: string } };

/** @throws CausewayError `input` for a name that is none, `conflict` for one that is taken */
export function invite(name: string, role: Role, means: Means): Promise<Invited> {
  return give(name, means, (tx, made) => addPerson(tx, { name, role, ...made }, means.by));
}

/** The same anew, for who has lost it. @throws CausewayError `not-found` */
export function inviteAnew(name: string, means: Means): Promise<Invited> {
  return give(name, means, (tx, made) => resetPerson(tx, name, made, means.by));
}

async function give(name: string, { store, makeHash, seal }: Means, write: (tx: Parameters<Parameters<Store['transaction']>[0]>[0], made: { password: string; seal: ((id: number) => Buffer) | undefined }) => Promise<unknown>): Promise<Invited> {
  const password = makeSecret();
  const code = seal === undefined ? undefined : generateSecret();
  const hash = await makeHash(password);
  await store.transaction((tx) => write(tx, { password: hash, seal: seal === undefined || code === undefined ? undefined : (id) => seal.seal(id, code) }));
  return { name, password, phone: code === undefined ? undefined : { code, uri: generateURI({ issuer: 'Causeway staff', label: name, secret: code }) } };
}
