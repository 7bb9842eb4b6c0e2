/**
 * Requests that change something come from our own page.
 *
 * Invariants: a browser says where a request comes from (Sec-Fetch-Site, and Origin with every POST); what says another
 * site is refused, and so is what says nothing but carries a cookie. The cookie's SameSite=Strict is the second lock.
 */
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './app.ts';
import { CausewayError } from '#errors/index.ts';

export const sameSite: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { method } = c.req;
  if (method !== 'GET' && method !== 'HEAD' && c.req.header('cookie') !== undefined && !isOwn(c.req.header('sec-fetch-site'), c.req.header('origin'), c.req.header('host'))) {
    throw new CausewayError('refused', 'the request comes from another site');
  }
  await next();
};

/** The same, and also without a cookie: no other site signs anybody in here either. Programs say nothing, and are let through. */
export const ownPagesOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { method } = c.req;
  const [site, origin] = [c.req.header('sec-fetch-site'), c.req.header('origin')];
  const says = site !== undefined || origin !== undefined || c.req.header('cookie') !== undefined;
  if (method !== 'GET' && method !== 'HEAD' && says && !isOwn(site, origin, c.req.header('host'))) throw new CausewayError('refused', 'the request comes from another site');
  await next();
};

function isOwn(site: string | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined) return site === 'same-origin';
  try {
    return origin !== undefined && new URL(origin).host === host;
  } catch {
    return false;
  }
}
