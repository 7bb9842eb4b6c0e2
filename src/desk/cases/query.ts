/** A request's query, checked. Invariant: what is wrong is told by its place, never by its value. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { AppEnv } from '#http/app.ts';

/** @throws CausewayError `usage` */
export function queryOf<T>(c: Context<AppEnv>, schema: z.ZodType<T>): T {
  const { data, error } = schema.safeParse(c.req.query());
  if (error === undefined) return data;
  throw new CausewayError('usage', `the query is not as it must be: ${error.issues.map(({ path }) => path.join('.') || 'all of it').join(', ')}`);
}
