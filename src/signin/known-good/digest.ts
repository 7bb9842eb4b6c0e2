/**
 * The keyed digest under which a presented secret is remembered.
 *
 * Invariants: a secret is kept nowhere, only this digest of it; without the key nothing can be tried against it. A
 * look-up by digest needs no constant-time comparison, since nobody without the key can choose its bytes.
 */
import { hkdfSync } from 'node:crypto';
import type { Account } from '../accounts.ts';
import { createMac } from './mac.ts';
import type { Protocol } from '../verdict.ts';

/** 32 bytes as a latin-1 string: a map's key of 32 bytes instead of a buffer's hundred. */
export type Digest = string;

export type DigestOf = (account: Account, protocol: Protocol, secret: string) => Digest;

export type Keys = { readonly digest: Buffer; readonly snapshot: Buffer; readonly journal: Buffer; readonly locks: Buffer; readonly locksFile: Buffer; readonly locksShared: Buffer };

/** Keys from one, so that a file's key never serves as that of digests. */
export function deriveKeys(key: Buffer): Keys {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `causeway known good ${purpose} 1`, 32));
  return { digest: derive('digest'), snapshot: derive('snapshot'), journal: derive('journal'), locks: derive('locks'), locksFile: derive('locks file'), locksShared: derive('locks shared') };
}

/** The same without a secret: see `presence.ts`. */
export type PresenceOf = (account: Account, protocol: Protocol) => Digest;

/**
 * HMAC-SHA-256 over account, protocol, credential version and secret. The secret comes last and the rest cannot hold a
 * NUL, so two different inputs are never one string.
 */
export function createDigestOf(key: Buffer): DigestOf {
  const mac = createMac(key);
  return (account, protocol, secret) => mac(`${account.id}\0${protocol}\0${account.credentialVersion}\0${secret}`).toString('latin1');
}

/** With one NUL less than a digest of a secret has at least, so that it is no secret's. */
export function createPresenceOf(key: Buffer): PresenceOf {
  const mac = createMac(key);
  return (account, protocol) => mac(`${account.id}\0${protocol}\0${account.credentialVersion}`).toString('latin1');
}
