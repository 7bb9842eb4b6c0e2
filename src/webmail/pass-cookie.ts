/**
 * A browser's pass, sealed: what it keeps instead of the secret.
 *
 * Invariants: nobody makes one (sealer.ts). Script cannot read the cookie, another site cannot send it (SameSite=Strict),
 * and `__Host-` keeps a neighbour's host name from setting one (RFC 6265bis, 4.1.3.2).
 */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { AppEnv } from '#http/app.ts';
import { type Pass, PASS_DAYS } from '#signin/pass.ts';
import { createSealer, type Sealer } from '#http/sealer.ts';

export const PASS_COOKIE = '__Host-causeway';

const passSchema = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{22}$/), accountId: z.int().positive(), version: z.int(), madeAt: z.int().positive() });

export type PassSeal = Sealer<Pass>;

/** @param key 32 bytes */
export function createPassSeal(key: Buffer): PassSeal {
  return createSealer(key, 'causeway webmail pass 1', passSchema);
}

/** A new one. @param madeAt epoch, ms */
export function makePass(accountId: number, version: number, madeAt: number): Pass {
  return { id: randomBytes(16).toString('base64url'), accountId, version, madeAt };
}

/** @param stay else it goes with the browser's window */
export function setPassCookie(c: Context<AppEnv>, sealed: string, stay: boolean): void {
  setCookie(c, PASS_COOKIE, sealed, { path: '/', secure: true, httpOnly: true, sameSite: 'Strict', ...(stay ? { maxAge: PASS_DAYS * 86_400 } : {}) });
}
