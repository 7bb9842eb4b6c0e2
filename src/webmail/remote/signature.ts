/**
 * Leave to fetch a URL for a customer, as the address of the picture shows it.
 *
 * Invariants: a page gets its account's key once and signs by itself what its reader wants to see; a mail cannot know the
 * key, so no address that it brings is fetched, and what one account may fetch another may not. The key is made of the
 * key of passes and is of no other use.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export type RemoteLeave = {
  /** The account's key, in base64url, for its own page. */
  keyOf(accountId: number): string;
  isSigned(accountId: number, url: string, signature: string): boolean;
};

/** @param key of passes, 32 bytes */
export function createRemoteLeave(key: Buffer): RemoteLeave {
  const root = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'causeway webmail remote 1', 32));
  const keyOf = (accountId: number): Buffer => createHmac('sha256', root).update(String(accountId)).digest();
  return {
    keyOf: (accountId) => keyOf(accountId).toString('base64url'),
    isSigned(accountId, url, signature) {
      const right = createHmac('sha256', keyOf(accountId)).update(url).digest();
      const given = Buffer.from(signature, 'base64url');
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
