/**
 * Forms are taken from our own pages only: a random value is in a cookie that no other site can set or read, and in the
 * form, and both must be there and equal.
 *
 * Invariants: no state, so any instance takes the form of another, and one that was open over a restart. `__Host-`
 * keeps the cookie from being set by a neighbour's host name (RFC 6265bis, 4.1.3.2).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { AppEnv } from './app.ts';

const COOKIE = '__Host-causeway-form';
const VALUE = /^[A-Za-z0-9_-]{22}$/;

/** The value for a form of this answer; the cookie goes with the answer. */
export function formToken(c: Context<AppEnv>): string {
  const held = getCookie(c, COOKIE);
  if (held !== undefined && VALUE.test(held)) return held;
  const made = randomBytes(16).toString('base64url');
  setCookie(c, COOKIE, made, { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' });
  return made;
}

/** Whether a form is from a page of ours. @param given the value in it */
export function isOwnForm(c: Context<AppEnv>, given: string): boolean {
  const held = getCookie(c, COOKIE) ?? '';
  return VALUE.test(held) && VALUE.test(given) && timingSafeEqual(Buffer.from(held), Buffer.from(given));
}
