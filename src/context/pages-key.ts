/**
 * The keys under which what browsers keep for us is sealed.
 *
 * Invariants: each is of the key that comes from outside, so that all instances open what one of them sealed; without
 * that key what was sealed ends with this life. None stands in arguments or in the environment of a process: it is the
 * first message to it.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { loadKnownGoodKey } from '#signin/index.ts';

/** `key` is base64 of 32 bytes. `lasts`: it comes from outside, so what is sealed by it can be kept. */
export type PagesKey = { readonly t: 'pages-key'; readonly key: string; readonly lasts: boolean };

export function pagesKey(purpose: 'webmail pass' | 'staff'): PagesKey {
  const outside = loadKnownGoodKey();
  const key = outside ?? randomBytes(32);
  return { t: 'pages-key', lasts: outside !== undefined, key: Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `causeway ${purpose} 1`, 32)).toString('base64') };
}
