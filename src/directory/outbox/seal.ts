/**
 * A secret that the store keeps and must not know: on its way to a platform that takes it in clear only, or what the codes
 * of a second step are made from.
 *
 * Invariants: in the store it is encrypted and authenticated (AES-256-GCM) under a key that comes from outside and is
 * nowhere in the store; bound to its account and purpose, so that a row copied to another account opens nothing.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

export type Seal = {
  seal(accountId: number, secret: string): Buffer;
  /** @throws Error when it was sealed under another key, or for another account */
  open(accountId: number, sealed: Buffer): string;
};

/** @param key the key of the known good, as the operator gives it: all instances must have the same */
export function createSeal(key: Buffer, purpose: 'outbox' | 'second step' = 'outbox'): Seal {
  const own = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `causeway ${purpose} 1`, 32));
  const aad = (accountId: number): Buffer => Buffer.from(`${purpose} secret of ${accountId}`);
  return {
    seal(accountId, secret) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', own, nonce, { authTagLength: TAG }).setAAD(aad(accountId));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(accountId, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', own, sealed.subarray(0, NONCE), { authTagLength: TAG });
      decipher.setAAD(aad(accountId)).setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
    },
  };
}
