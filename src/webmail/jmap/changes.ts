/**
 * The shape of /changes (RFC 8620 section 5.2).
 *
 * Invariant: who asks for a few at a time is told each change once, and comes to the newest state: what is left to be told
 * is remembered under a state of its own. What changed meanwhile is joined to it.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';

export const changesArguments = z.strictObject({
  accountId: z.string(),
  sinceState: z.string(),
  maxChanges: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish(),
});

export type Changes = { readonly created: string[]; readonly updated: string[]; readonly destroyed: string[] };

/** `updatedProperties`: of Mailbox and Quota (RFC 8621 section 2.2). */
export type Calculated = { readonly newState: string; readonly changes: Changes; readonly updatedProperties?: readonly string[] | null };

/** What states stood for, by their names. */
type States = { get(key: string): unknown; set(key: string, value: unknown): void };
type Kind = keyof Changes;
/** In a list that the states after it share. */
type Owed = { readonly since: string; readonly list: readonly (readonly [Kind, string])[]; readonly from: number };

/** @param calculate throws MethodError `cannotCalculateChanges` for a state that is not known */
export async function answerChanges(args: z.infer<typeof changesArguments>, states: States, calculate: (sinceState: string) => Promise<Calculated>): Promise<Record<string, unknown>> {
  const owed = states.get(`+${args.sinceState}`) as Owed | undefined;
  const { newState, changes, updatedProperties } = await calculate(owed?.since ?? args.sinceState);
  const isMore = listOf(changes).length > 0;
  const list = owed === undefined ? listOf(changes) : isMore ? joined(owed.list.slice(owed.from), changes) : owed.list;
  const from = owed === undefined || isMore ? 0 : owed.from;
  const to = Math.min(list.length, from + (args.maxChanges ?? Infinity));
  const hasMoreChanges = to < list.length;
  const state = hasMoreChanges ? randomBytes(15).toString('base64url') : newState;
  if (hasMoreChanges) states.set(`+${state}`, { since: newState, list, from: to } satisfies Owed);
  return {
    accountId: args.accountId,
    oldState: args.sinceState,
    newState: state,
    hasMoreChanges,
    ...changesOf(list.slice(from, to)),
    // Of what is told in pieces it is not known of which piece that was true.
    ...(updatedProperties === undefined ? {} : { updatedProperties: owed === undefined && !hasMoreChanges ? updatedProperties : null }),
  };
}

/** Between two lists of what there was. */
export function changesBetween<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>, isSame: (a: T, b: T) => boolean): Changes {
  return {
    created: [...after.keys()].filter((id) => !before.has(id)),
    updated: [...after].filter(([id, now]) => before.has(id) && !isSame(before.get(id) as T, now)).map(([id]) => id),
    destroyed: [...before.keys()].filter((id) => !after.has(id)),
  };
}

function listOf(changes: Changes): (readonly [Kind, string])[] {
  return (['created', 'updated', 'destroyed'] as const).flatMap((kind) => changes[kind].map((id) => [kind, id] as const));
}

function changesOf(list: readonly (readonly [Kind, string])[]): Changes {
  const changes: Changes = { created: [], updated: [], destroyed: [] };
  for (const [kind, id] of list) changes[kind].push(id);
  return changes;
}

/** An id is told once: what is not told yet and is gone by now never was, for who asks. */
function joined(before: readonly (readonly [Kind, string])[], changes: Changes): (readonly [Kind, string])[] {
  const kinds = new Map(before.map(([kind, id]) => [id, kind]));
  for (const id of changes.created) kinds.set(id, kinds.get(id) === 'destroyed' ? 'updated' : 'created');
  for (const id of changes.updated) if (kinds.get(id) !== 'created') kinds.set(id, 'updated');
  for (const id of changes.destroyed) {
    if (kinds.get(id) === 'created') kinds.delete(id);
    else kinds.set(id, 'destroyed');
  }
  return [...kinds].map(([id, kind]) => [kind, id] as const);
}
