/** Filters of /query: conditions under AND, OR and NOT (RFC 8620 section 5.5). */
import { invalidArguments, MethodError } from './errors.ts';

export type Filter<C> = { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly Filter<C>[] } | { readonly condition: C };

/** Nodes of one filter: a search form has ten, a saved search of a power user some dozens; each may be a search at the platform. */
const NODE_LIMIT = 200;

/** @param parse throws MethodError on what is no condition. Nesting is bounded by the request's. */
export function parseFilter<C>(value: unknown, parse: (condition: Record<string, unknown>) => C): Filter<C> {
  let nodes = 0;
  const read = (node: unknown): Filter<C> => {
    nodes += 1;
    if (nodes > NODE_LIMIT) throw new MethodError('unsupportedFilter', `A filter has at most ${NODE_LIMIT} parts.`);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) throw invalidArguments('filter: expected an object');
    const object = node as Record<string, unknown>;
    if (!Object.hasOwn(object, 'operator')) return { condition: parse(object) };
    const { operator, conditions } = object;
    if ((operator !== 'AND' && operator !== 'OR' && operator !== 'NOT') || !Array.isArray(conditions)) throw invalidArguments('filter: expected an operator with conditions');
    return { operator, conditions: conditions.map(read) };
  };
  return value == null ? { operator: 'AND', conditions: [] } : read(value);
}

/** NOT is true when none of its conditions is. */
export function matches<C>(filter: Filter<C>, test: (condition: C) => boolean): boolean {
  if ('condition' in filter) return test(filter.condition);
  const each = (one: Filter<C>): boolean => matches(one, test);
  if (filter.operator === 'AND') return filter.conditions.every(each);
  return filter.operator === 'OR' ? filter.conditions.some(each) : !filter.conditions.some(each);
}
