/**
 * Browsers in which somebody of the staff has signed in before: their tries are counted apart (`tries.ts`).
 *
 * Invariant: a sealed cookie, so nobody makes one; it lets nobody in.
 */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '#http/app.ts';
import { createSealedCookie } from '#http/sealed-cookie.ts';

/** Longer than anybody's holidays. */
const KNOWN_S = 90 * 86_400;
/** Of a machine that technicians share; the sealed cookie stays below its cap. */
const NAMES = 12;

export type KnownBrowsers = {
  /** A name of the browser's own, if `name` has signed in from it. */
  of(c: Context<AppEnv>, name: string): string | undefined;
  remember(c: Context<AppEnv>, name: string): void;
};

export function createKnownBrowsers(key: Buffer, now: () => number): KnownBrowsers {
  const cookie = createSealedCookie({ name: 'staff-known', key, schema: z.strictObject({ id: z.string().max(32), names: z.array(z.string().max(40)).max(NAMES) }), seconds: KNOWN_S, now });
  return {
    of(c, name) {
      const held = cookie.read(c);
      return held?.names.includes(name) === true ? held.id : undefined;
    },
    remember(c, name) {
      const held = cookie.read(c);
      cookie.set(c, { id: held?.id ?? randomBytes(16).toString('base64url'), names: [name, ...(held?.names ?? []).filter((each) => each !== name)].slice(0, NAMES) });
    },
  };
}
