/** References to the results of earlier calls (RFC 8620 section 3.7). */
import * as z from 'zod';
import { invalidArguments, MethodError } from './errors.ts';
import type { Invocation } from './request.ts';

const referenceSchema = z.object({ resultOf: z.string(), name: z.string(), path: z.string() });

/** Values that one `*` or several give together: as many ids as the largest mailbox that a query lists. */
const MOST_VALUES = 100_000;

/** The arguments with each `#name` replaced by `name` and the value that it refers to. */
export function resolveReferences(args: Readonly<Record<string, unknown>>, responses: readonly Invocation[]): Record<string, unknown> {
  const resolved: [string, unknown][] = [];
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved.push([name, value]);
      continue;
    }
    const plain = name.slice(1);
    if (Object.hasOwn(args, plain)) throw invalidArguments(`both ${plain} and #${plain} are given`);
    const reference = referenceSchema.safeParse(value);
    if (!reference.success) throw new MethodError('invalidResultReference', `#${plain} is no ResultReference object`);
    resolved.push([plain, lookUp(reference.data, responses)]);
  }
  return Object.fromEntries(resolved);
}

function lookUp({ resultOf, name, path }: z.infer<typeof referenceSchema>, responses: readonly Invocation[]): unknown {
  const response = responses.find(([, , callId]) => callId === resultOf);
  if (response === undefined) throw new MethodError('invalidResultReference', 'there is no result with that call id');
  if (response[0] !== name) throw new MethodError('invalidResultReference', 'the result has another name');
  const value = evaluatePointer(response[1], path);
  if (value === undefined) throw new MethodError('invalidResultReference', 'the path leads nowhere');
  return value;
}

/**
 * RFC 6901, and `*` for every element of an array, whose results are joined into one list where they are lists.
 * @returns undefined where it leads nowhere
 */
export function evaluatePointer(root: unknown, pointer: string): unknown {
  if (pointer !== '' && !pointer.startsWith('/')) return undefined;
  const tokens = pointer === '' ? [] : pointer.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const budget = { left: MOST_VALUES };
  return walk(root, tokens, 0, budget);
}

function walk(value: unknown, tokens: readonly string[], at: number, budget: { left: number }): unknown {
  let current = value;
  for (let index = at; index < tokens.length; index += 1) {
    const token = tokens[index] as string;
    if (Array.isArray(current)) {
      if (token === '*') return walkAll(current, tokens, index + 1, budget);
      if (!/^(?:0|[1-9]\d{0,9})$/.test(token)) return undefined;
      current = current[Number(token)];
    } else if (typeof current === 'object' && current !== null && Object.hasOwn(current, token)) {
      current = (current as Record<string, unknown>)[token];
    } else {
      return undefined;
    }
  }
  return current;
}

function walkAll(items: readonly unknown[], tokens: readonly string[], at: number, budget: { left: number }): unknown {
  const found: unknown[] = [];
  for (const item of items) {
    const value = walk(item, tokens, at, budget);
    if (value === undefined) return undefined;
    for (const one of Array.isArray(value) ? value : [value]) {
      found.push(one);
      budget.left -= 1;
      if (budget.left < 0) throw new MethodError('invalidResultReference', `the path gives more than ${MOST_VALUES} values`);
    }
  }
  return found;
}
