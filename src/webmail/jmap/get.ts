/** The shape that all /get methods share (RFC 8620 section 5.1). */
import * as z from 'zod';
import { MethodError } from './errors.ts';
import { idOrCreationSchema } from './id.ts';
import type { Limits } from './limits.ts';

export const getArguments = z.strictObject({
  accountId: z.string(),
  ids: z.array(z.string()).nullish(),
  properties: z.array(z.string()).nullish(),
});

/**
 * The ids, each once, creation ids replaced. What is no id cannot name anything, so it is given as it is and not found.
 * Throws MethodError `requestTooLarge`.
 */
export function askedIds(ids: readonly string[], createdIds: ReadonlyMap<string, string>, limits: Limits): string[] {
  const found = [...new Set(ids.map((id) => realId(id, createdIds)))];
  if (found.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge', `at most ${limits.maxObjectsInGet} ids at once`);
  return found;
}

/** The id of what was made under a creation id in this request, or the id as it is. */
export function realId(id: string, createdIds: ReadonlyMap<string, string>): string {
  return id.startsWith('#') && idOrCreationSchema.safeParse(id).success ? (createdIds.get(id.slice(1)) ?? id) : id;
}

/** Only the properties, and the id. */
export function pick(object: Readonly<Record<string, unknown>>, properties: readonly string[] | null | undefined): Record<string, unknown> {
  if (properties == null) return { ...object };
  return Object.fromEntries(['id', ...properties].filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]]));
}

/** Throws MethodError `invalidArguments` on a property that objects of this type do not have. */
export function checkProperties(properties: readonly string[] | null | undefined, isKnown: (name: string) => boolean): void {
  const unknown = properties?.find((name) => !isKnown(name));
  if (unknown !== undefined) throw new MethodError('invalidArguments', 'properties: unknown property');
}
