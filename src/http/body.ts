/** A request's JSON, checked. Invariant: what is wrong is told by its place, never by its value, which may be a secret. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { AppEnv } from './app.ts';

/** @throws CausewayError 'usage' */
export async function bodyOf<T>(c: Context<AppEnv>, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new CausewayError('usage', `the body is not as it must be: ${parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'all of it'} (${code})`).join(', ')}`);
}
