/**
 * The shape that all /set methods share (RFC 8620 section 5.3).
 *
 * Invariants: each object is answered for once, in `created` or `notCreated` and so on; one that fails does not keep the
 * others from being done. An outage in the midst is told for each object that it concerns.
 */
import * as z from 'zod';
import { errorObject, MethodError, SetError } from './errors.ts';
import { realId } from './get.ts';
import { ID } from './id.ts';
import type { Limits } from './limits.ts';

const object = z.custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object');

export const setShape = {
  accountId: z.string(),
  ifInState: z.string().nullish(),
  create: z.record(z.string(), object).nullish(),
  update: z.record(z.string(), object).nullish(),
  destroy: z.array(z.string()).nullish(),
};
export const setArguments = z.strictObject(setShape);
export type SetArguments = z.infer<typeof setArguments>;

export type SetActions = {
  /** @returns what the server set, with the id */
  create?(properties: Record<string, unknown>): Promise<Record<string, unknown> & { id: string }>;
  /** @returns what changed besides what the client asked for, or null */
  update?(id: string, patch: Record<string, unknown>): Promise<Record<string, unknown> | null>;
  destroy?(id: string): Promise<void>;
  /** Several at once, instead of `update`. @returns those that failed, each with its error */
  updateAll?(updates: ReadonlyMap<string, Record<string, unknown>>): Promise<ReadonlyMap<string, unknown>>;
  destroyAll?(ids: readonly string[]): Promise<ReadonlyMap<string, unknown>>;
};

export type SetOptions = {
  readonly limits: Limits;
  readonly createdIds: Map<string, string>;
  readonly onFault: (error: unknown) => void;
  state(): Promise<string>;
};

export type SetAnswer = {
  readonly accountId: string;
  readonly oldState: string;
  readonly newState: string;
  readonly created: Record<string, Record<string, unknown>> | null;
  readonly updated: Record<string, Record<string, unknown> | null> | null;
  readonly destroyed: string[] | null;
  readonly notCreated: Record<string, Record<string, unknown>> | null;
  readonly notUpdated: Record<string, Record<string, unknown>> | null;
  readonly notDestroyed: Record<string, Record<string, unknown>> | null;
};

export async function runSet(args: SetArguments, actions: SetActions, options: SetOptions): Promise<SetAnswer> {
  const { limits, createdIds } = options;
  const create = Object.entries(args.create ?? {});
  const update = Object.entries(args.update ?? {}).map(([id, patch]) => [realId(id, createdIds), patch] as const);
  const destroy = [...new Set(args.destroy ?? [])];
  if (create.length + update.length + destroy.length > limits.maxObjectsInSet) {
    throw new MethodError('requestTooLarge', `at most ${limits.maxObjectsInSet} objects at once`);
  }
  const oldState = await options.state();
  if (args.ifInState != null && args.ifInState !== oldState) throw new MethodError('stateMismatch');

  const created: [string, Record<string, unknown>][] = [];
  const updated: [string, Record<string, unknown> | null][] = [];
  const destroyed: string[] = [];
  const notCreated: [string, Record<string, unknown>][] = [];
  const notUpdated: [string, Record<string, unknown>][] = [];
  const notDestroyed: [string, Record<string, unknown>][] = [];

  async function attempt(key: string, failures: [string, Record<string, unknown>][], act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof MethodError)) options.onFault(error);
      failures.push([key, errorObject(error)]);
    }
  }

  for (const [key, properties] of inOrder(create)) {
    await attempt(key, notCreated, async () => {
      if (!ID.test(key)) throw new SetError('invalidProperties', 'a creation id is an id');
      if (actions.create === undefined) throw new SetError('forbidden', 'these cannot be made');
      const made = await actions.create(properties);
      createdIds.set(key, made.id);
      created.push([key, made]);
    });
  }
  const goes = new Set(destroy.map((id) => realId(id, createdIds)));
  const changes = new Map<string, Record<string, unknown>>();
  for (const [id, patch] of update) {
    const real = realId(id, createdIds);
    if (goes.has(real)) notUpdated.push([id, { type: 'willDestroy' }]);
    else changes.set(real, patch);
  }
  const failedUpdates = await together([...changes.keys()], actions.updateAll === undefined ? undefined : () => actions.updateAll?.(changes));
  for (const [id, patch] of changes) {
    await attempt(id, notUpdated, async () => {
      if (failedUpdates?.has(id) === true) throw failedUpdates.get(id);
      if (failedUpdates === undefined && actions.update === undefined) throw new SetError('forbidden', 'these cannot be changed');
      updated.push([id, failedUpdates === undefined ? ((await actions.update?.(id, patch)) ?? null) : null]);
    });
  }
  const failedDestroys = await together([...goes], actions.destroyAll === undefined ? undefined : () => actions.destroyAll?.([...goes]));
  for (const id of goes) {
    await attempt(id, notDestroyed, async () => {
      if (failedDestroys?.has(id) === true) throw failedDestroys.get(id);
      if (failedDestroys === undefined && actions.destroy === undefined) throw new SetError('forbidden', 'these cannot be destroyed');
      if (failedDestroys === undefined) await actions.destroy?.(id);
      destroyed.push(id);
    });
  }
  return {
    accountId: args.accountId,
    oldState,
    newState: await options.state(),
    created: objectOf(created),
    updated: objectOf(updated),
    destroyed: destroyed.length > 0 ? destroyed : null,
    notCreated: objectOf(notCreated),
    notUpdated: objectOf(notUpdated),
    notDestroyed: objectOf(notDestroyed),
  };
}

/** What failed; when all of it did, each has that error. Undefined: they are done one by one. */
async function together(ids: readonly string[], act: (() => Promise<ReadonlyMap<string, unknown>> | undefined) | undefined): Promise<ReadonlyMap<string, unknown> | undefined> {
  if (act === undefined) return undefined;
  if (ids.length === 0) return new Map();
  try {
    return await act();
  } catch (error) {
    return new Map(ids.map((id) => [id, error]));
  }
}

/** One that refers to another of the same call is made after it, whatever the order that the client wrote. */
function inOrder(create: readonly [string, Record<string, unknown>][]): [string, Record<string, unknown>][] {
  const byKey = new Map(create);
  const order: [string, Record<string, unknown>][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const stack = create.map(([key]) => key).toReversed();
  while (stack.length > 0) {
    const key = stack[stack.length - 1] as string;
    const properties = byKey.get(key);
    if (properties === undefined || state.get(key) === 'done') {
      stack.pop();
    } else if (state.get(key) === 'open') {
      stack.pop();
      state.set(key, 'done');
      order.push([key, properties]);
    } else {
      state.set(key, 'open');
      const value = properties['parentId'];
      if (typeof value === 'string' && value.startsWith('#') && state.get(value.slice(1)) !== 'open') stack.push(value.slice(1));
    }
  }
  return order;
}

function objectOf<T>(entries: readonly [string, T][]): Record<string, T> | null {
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}
