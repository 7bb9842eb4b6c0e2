/**
 * A link by which an Apple device fetches its configuration profile from the pages for customers.
 *
 * Invariants: no password is in it, nor in what it leads to, and it opens nothing: who finds it learns one address and the
 * servers' names. It is sealed, so nobody reads that address from it or makes one for another, and ends by itself. The
 * pages serve the profile, not the technician's page: a customer's phone reaches them, and the certificate says whose they are.
 */
import { z } from 'zod';
import { createSealer } from '#http/sealer.ts';

export type SettingsLinks = {
  make(address: string): { readonly url: string; readonly expiresAt: number };
  /** Whose settings; undefined for what we did not make, and for what is over. */
  open(token: string): { readonly address: string } | undefined;
};

/** A call, and the way to the device. */
const LASTS_MS = 3_600_000;

/** @param key 32 bytes, of outside: the process that makes a link is another than the one that is asked by it @param pages address of the pages for customers, without a slash at its end */
export function createSettingsLinks({ key, pages, now }: { readonly key: Buffer; readonly pages: string; readonly now: () => number }): SettingsLinks {
  const sealer = createSealer(key, 'causeway device settings 1', z.strictObject({ address: z.string(), until: z.int() }));
  return {
    make(address) {
      const expiresAt = now() + LASTS_MS;
      return { url: `${pages}/settings/${sealer.seal({ address, until: expiresAt })}`, expiresAt };
    },
    open(token) {
      const sealed = sealer.open(token);
      return sealed === undefined || sealed.until <= now() ? undefined : { address: sealed.address };
    },
  };
}
