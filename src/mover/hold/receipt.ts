/**
 * The signed proof, per account, that the target holds what the source held.
 *
 * Invariants: the body is canonical JSON (keys sorted, no blanks), so that the same facts are the same bytes; the
 * signature is Ed25519 over those bytes and can be checked with the public key alone, without us and our store.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import type { LeftOut } from '../lists/aside.ts';
import type { FilterProof } from './filters.ts';
import type { UidlProof } from './uidls.ts';

/** One side of one mailbox, as listed in the hold. */
export type Side = {
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly count: number;
  readonly bytes: number;
  /** SHA-256, in hex, of the messages' fingerprints in ascending order. */
  readonly digest: string;
};

export type ReceiptBody = {
  readonly version: 1;
  readonly account: { readonly id: number; readonly address: string };
  readonly source: string;
  readonly target: string;
  /** The epoch of the hold: with the account it names this move for ever. */
  readonly epoch: number;
  /** When verification ended: ISO 8601, by the store's clock. */
  readonly time: string;
  /** Without what was refused, or kept. */
  readonly mailboxes: readonly { readonly source: Side; readonly target: Side }[];
  /** Mailboxes whose names at the target are others than separators and prefixes make them. */
  readonly mapped?: readonly { readonly mailbox: string; readonly as: string }[];
  /** Which copies' bytes were read back from the target and found equal: all, one in twenty, or none. */
  readonly readBack: 'all' | 'sample' | 'none';
  /** The ids that the account's POP3 clients know, of the messages that keep them; absent where a platform has no POP3. */
  readonly uidls?: UidlProof;
  /** The Sieve scripts at the target, as they were read there; absent where a platform has no ManageSieve in the configuration. */
  readonly filters?: readonly FilterProof[];
  /** Sign-in at the source was not shut off during the hold: only what came through us was. */
  readonly unfenced: true;
  /** Messages of the source that stayed there, each by a person's decision. A move with another does not happen. */
  readonly refused: readonly LeftOut[];
  /** Messages of the target that an earlier move away from it left there. */
  readonly kept?: readonly { readonly mailbox: string; readonly uidValidity: number; readonly uid: number; readonly size: number }[];
};

export type Signed = { readonly body: string; readonly signature: string; readonly keyId: string };

export type ReceiptKey = { readonly keyId: string; readonly publicKeyPem: string; sign(body: ReceiptBody): Signed };

/** JSON with sorted keys. Numbers are integers and strings well-formed here, so this is RFC 8785's form. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** See `Side.digest`. @param fingerprints 32 bytes each, one after the other */
export function digestOf(fingerprints: Buffer): string {
  const rows = new Uint32Array(fingerprints.length / 32).map((_, row) => row * 32);
  // Nearly all differ in their first bytes already.
  rows.sort((a, b) => fingerprints.readUInt32BE(a) - fingerprints.readUInt32BE(b) || fingerprints.compare(fingerprints, b, b + 32, a, a + 32));
  const hash = createHash('sha256');
  // Some at a time: a view of each would be 10 MB of garbage at 100,000, just when a customer waits.
  const some = Buffer.allocUnsafe(Math.min(rows.length, 1_024) * 32);
  let filled = 0;
  for (const row of rows) {
    filled += fingerprints.copy(some, filled, row, row + 32);
    if (filled < some.length) continue;
    hash.update(some);
    filled = 0;
  }
  return hash.update(some.subarray(0, filled)).digest('hex');
}

/** @param privateKeyPem an Ed25519 private key, PKCS #8 */
export function receiptKey(privateKeyPem: string): ReceiptKey {
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  const id = keyIdOf(publicKey);
  return {
    keyId: id,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign(body) {
      const text = canonicalJson(body);
      return { body: text, signature: sign(null, Buffer.from(text), privateKey).toString('base64'), keyId: id };
    },
  };
}

/** The first 16 hex digits of the SHA-256 of the key's SubjectPublicKeyInfo. */
function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 16);
}

/** A receipt as a file: JSON of the body, the signature and the key's id, for people to read and `verifyReceipt`. */
export function receiptText(signed: Signed): string {
  return `${JSON.stringify({ receipt: JSON.parse(signed.body), signature: signed.signature, keyId: signed.keyId }, undefined, 2)}\n`;
}

/**
 * Checks a receipt's file against a public key.
 * @returns the body
 * @throws CausewayError `input` when it is no receipt, `check-failed` when the signature is not the key's
 */
export function verifyReceipt(text: string, publicKeyPem: string): ReceiptBody {
  let key: KeyObject;
  try {
    key = createPublicKey(publicKeyPem);
  } catch (cause) {
    throw new CausewayError('input', 'this is not a public key in PEM form', { cause });
  }
  const { receipt, signature, keyId } = parse(text);
  const bytes = Buffer.from(canonicalJson(receipt));
  if (!verify(null, bytes, key, Buffer.from(signature, 'base64'))) {
    const other = keyId === keyIdOf(key) ? '' : `: it was signed with key ${keyId}, this is key ${keyIdOf(key)}`;
    throw new CausewayError('check-failed', `the signature does not fit this receipt and this key${other}`);
  }
  return receipt;
}

function parse(text: string): { receipt: ReceiptBody; signature: string; keyId: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CausewayError('input', 'a receipt is JSON, and this is not', { cause });
  }
  const { receipt, signature, keyId } = (value ?? {}) as Record<string, unknown>;
  if (typeof receipt !== 'object' || receipt === null || typeof signature !== 'string' || typeof keyId !== 'string') {
    throw new CausewayError('input', 'a receipt has the members receipt, signature and keyId');
  }
  return { receipt: receipt as ReceiptBody, signature, keyId };
}
