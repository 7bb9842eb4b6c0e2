/**
 * Reading a request: its body by a schema, its key.
 *
 * Invariant: nothing that was sent is repeated in an error.
 */
import type { Context } from 'hono';
import type { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { AppEnv } from '#http/app.ts';
import { IDEMPOTENCY_KEY } from './api.ts';

/** With the caller's name before it, the directory's 200. */
const KEY = /^[\x21-\x7e]{1,150}$/;

/** @throws CausewayError `usage` for what is no JSON, `input` for what breaks the schema */
export async function body<Schema extends z.ZodType>(c: Context<AppEnv>, schema: Schema): Promise<z.infer<Schema>> {
  let value: unknown;
  try {
    value = await c.req.json();
  } catch {
    throw new CausewayError('usage', 'the body is no JSON');
  }
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data as z.infer<Schema>;
  const [issue] = error.issues;
  throw new CausewayError('input', `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'expected something else'}`);
}

/** Callers choose their keys without knowing of each other. @throws CausewayError `usage` */
export function keyOf(c: Context<AppEnv>): string {
  const key = c.req.header(IDEMPOTENCY_KEY) ?? '';
  if (!KEY.test(key)) throw new CausewayError('usage', `the header ${IDEMPOTENCY_KEY} is needed: 1 to 150 printable characters, others for each request`);
  return `${c.get('caller')}/${key}`;
}
