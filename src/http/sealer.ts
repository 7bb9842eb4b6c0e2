/**
 * What a browser keeps for us and must neither read nor make: sealed.
 *
 * Invariants: encrypted and authenticated (AES-256-GCM) under a key that comes from outside, so any instance opens what
 * another one sealed; what was sealed for one purpose is nothing for another.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import type { z } from 'zod';

const NONCE = 12;
const TAG = 16;
/** What a browser keeps in a cookie. A sealed pass has some 170 bytes, a passkey's challenges 400, an identity provider's token 2,000. */
const LONGEST = 4_096;

export type Sealer<T> = {
  seal(value: T): string;
  /** Undefined for what we did not seal. */
  open(sealed: string): T | undefined;
};

/** @param key 32 bytes */
export function createSealer<T>(key: Buffer, purpose: string, schema: z.ZodType<T>): Sealer<T> {
  const aad = Buffer.from(purpose);
  const secret = createSecretKey(key);
  return {
    seal(value) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG }).setAAD(aad);
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed) {
      if (sealed.length > LONGEST) return undefined;
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length <= NONCE + TAG) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, NONCE), { authTagLength: TAG });
        decipher.setAAD(aad).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
        return schema.parse(JSON.parse(text));
      } catch {
        return undefined;
      }
    },
  };
}
