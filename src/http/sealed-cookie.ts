/**
 * What the server wants to know again a few minutes later, kept by the browser: the first step of a sign-in, a challenge,
 * that the password was shown a moment ago.
 *
 * Invariants: sealed, not for scripts, not for other sites, and over when its time is, whatever the browser does. `Lax` is for
 * what has to be there when another site sends the browser back by a link; what it posts or fetches never has it.
 */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { AppEnv } from './app.ts';
import { createSealer } from './sealer.ts';

export type SealedCookie<T> = {
  set(c: Context<AppEnv>, value: T): void;
  /** Undefined: there is none, or its time is over. */
  read(c: Context<AppEnv>): T | undefined;
  drop(c: Context<AppEnv>): void;
};

/** @param name a word @param seconds from each `set` @param now epoch, ms */
export function createSealedCookie<T>({ name, key, schema, seconds, now, sameSite = 'Strict' }: { name: string; key: Buffer; schema: z.ZodType<T>; seconds: number; now: () => number; sameSite?: 'Strict' | 'Lax' }): SealedCookie<T> {
  const cookie = `__Host-causeway-${name}`;
  const sealer = createSealer(key, `causeway ${name} 1`, z.strictObject({ until: z.int(), value: schema }));
  return {
    set(c, value) {
      const sealed = sealer.seal({ until: now() + seconds * 1_000, value });
      setCookie(c, cookie, sealed, { path: '/', secure: true, httpOnly: true, sameSite, maxAge: seconds });
    },
    read(c) {
      const opened = sealer.open(getCookie(c, cookie) ?? '');
      return opened === undefined || opened.until < now() ? undefined : (opened.value as T);
    },
    drop: (c) => void deleteCookie(c, cookie, { path: '/', secure: true }),
  };
}
