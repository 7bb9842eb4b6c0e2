/**
 * Whose mail a client asks for, and whether it may have it: by the user's own secret or a master's (`user*master`, or an
 * authorization identity), both judged by the back end; or, on a trusted port, by a shared token that needs none.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Outcome } from './auth/client.ts';
import type { Services } from './services.ts';

export type Credentials = { readonly authzid: string; readonly authcid: string; readonly secret: string };

/** `check` asks the back end, where one is asked. */
export type Judgement = { readonly user: string; readonly check: () => Promise<Outcome> };

/** @param trusted whether the client came to a trusted port */
export function judge({ auth, master, trustedToken }: Services, trusted: boolean, { authzid, authcid, secret }: Credentials): Judgement {
  const other = authzid === '' || authzid.toLowerCase() === authcid.toLowerCase() ? undefined : authzid.toLowerCase();
  if (trusted) {
    const right = trustedToken !== undefined && equal(secret, trustedToken);
    return { user: other ?? authcid.toLowerCase(), check: () => Promise.resolve(right ? 'yes' : 'no') };
  }
  if (master && other !== undefined && authcid === master.user) {
    return { user: other, check: () => auth.check(authcid, secret, true) };
  }
  const suffix = master ? `${master.separator}${master.user}` : undefined;
  if (master && suffix !== undefined && other === undefined && authcid.endsWith(suffix)) {
    return { user: authcid.slice(0, -suffix.length).toLowerCase(), check: () => auth.check(master.user, secret, true) };
  }
  if (other !== undefined) return { user: other, check: () => Promise.resolve('no') };
  return { user: authcid.toLowerCase(), check: () => auth.check(authcid, secret, false) };
}

function equal(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
