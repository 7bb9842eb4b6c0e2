/** Patches (RFC 8620 section 5.3): paths into an object, each with what is to stand there. */
import { SetError } from './errors.ts';

/**
 * The object with the patch applied; neither is changed. A null removes. Throws SetError `invalidPatch` where a path leads
 * through what is no object, or where one path is the beginning of another.
 */
export function applyPatch(object: Readonly<Record<string, unknown>>, patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const paths = Object.keys(patch).map((path) => path.split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')));
  const keys = new Set(paths.map((path) => JSON.stringify(path)));
  for (const path of paths) {
    for (let length = 1; length < path.length; length += 1) {
      if (keys.has(JSON.stringify(path.slice(0, length)))) throw new SetError('invalidPatch', 'one path is within another');
    }
  }
  let result: Record<string, unknown> = { ...object };
  Object.values(patch).forEach((value, index) => {
    result = put(result, paths[index] as string[], 0, value);
  });
  return result;
}

function put(object: Readonly<Record<string, unknown>>, path: readonly string[], at: number, value: unknown): Record<string, unknown> {
  const name = path[at] as string;
  const entries = new Map(Object.entries(object));
  if (at === path.length - 1) {
    if (value === null) entries.delete(name);
    else entries.set(name, value);
  } else {
    const inner = entries.get(name);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) throw new SetError('invalidPatch', 'a path leads through what is no object');
    entries.set(name, put(inner as Record<string, unknown>, path, at + 1, value));
  }
  return Object.fromEntries(entries);
}
