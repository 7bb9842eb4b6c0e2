/** The arguments of a method, checked. */
import type * as z from 'zod';
import { invalidArguments, MethodError } from './errors.ts';

/** Throws MethodError `invalidArguments`, naming the argument. What the client gave is not repeated. */
export function parseArguments<S extends z.ZodType>(schema: S, args: Record<string, unknown>): z.infer<S> {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidArguments(`${issue?.path.map(String).join('/') || 'arguments'}: ${issue?.code === 'unrecognized_keys' ? 'unknown argument' : (issue?.message ?? 'invalid')}`);
}

/** RFC 8620 section 3.6.2: an account that is not this one is not found. */
export function checkAccount(given: string, own: string): void {
  if (given !== own) throw new MethodError('accountNotFound');
}
