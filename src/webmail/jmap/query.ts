/** What all /query methods share (RFC 8620 section 5.5), and differences of two lists (section 5.6). */
import * as z from 'zod';
import { MethodError } from './errors.ts';
import { int, unsignedInt } from './id.ts';

export const comparatorSchema = z.strictObject({
  property: z.string(),
  isAscending: z.boolean().nullish(),
  collation: z.string().nullish(),
  keyword: z.string().optional(),
});
export type Comparator = z.infer<typeof comparatorSchema>;

/** Comparators of one query: more than a table has columns. */
const MOST_COMPARATORS = 10;

export const queryShape = {
  accountId: z.string(),
  filter: z.unknown().optional(),
  sort: z.array(comparatorSchema).max(MOST_COMPARATORS).nullish(),
  position: int.nullish(),
  anchor: z.string().nullish(),
  anchorOffset: int.nullish(),
  limit: unsignedInt.nullish(),
  calculateTotal: z.boolean().nullish(),
};

export const queryChangesShape = {
  accountId: z.string(),
  filter: z.unknown().optional(),
  sort: z.array(comparatorSchema).max(MOST_COMPARATORS).nullish(),
  sinceQueryState: z.string(),
  maxChanges: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish(),
  upToId: z.string().nullish(),
  calculateTotal: z.boolean().nullish(),
};

type Paging = { position?: number | null | undefined; anchor?: string | null | undefined; anchorOffset?: number | null | undefined; limit?: number | null | undefined };

/**
 * Where the page begins.
 * @param indexOf the anchor's place, -1 when it is not there
 * Throws MethodError `anchorNotFound`.
 */
export function pageStart(paging: Paging, total: number, indexOf: (id: string) => number): number {
  if (paging.anchor != null) {
    const at = indexOf(paging.anchor);
    if (at < 0) throw new MethodError('anchorNotFound');
    return Math.max(0, at + (paging.anchorOffset ?? 0));
  }
  const position = paging.position ?? 0;
  return position < 0 ? Math.max(0, total + position) : position;
}

export type Difference = { readonly removed: string[]; readonly added: { readonly id: string; readonly index: number }[] };

/**
 * What makes the old list the new one: ids that went, then ids that came, by their places in the new one. Of ids that
 * are in both and changed places as few as possible go and come again.
 */
export function difference(before: readonly string[], after: readonly string[]): Difference {
  const places = new Map(before.map((id, index) => [id, index]));
  const common = after.filter((id) => places.has(id));
  const stays = new Set(longestRise(common.map((id) => places.get(id) as number)).map((at) => common[at] as string));
  return {
    removed: before.filter((id) => !stays.has(id)),
    added: after.flatMap((id, index) => (stays.has(id) ? [] : [{ id, index }])),
  };
}

/** The indexes of a longest rising subsequence. */
function longestRise(values: readonly number[]): number[] {
  const tails: number[] = []; // index of the smallest value that ends a rise of each length
  const before: number[] = [];
  values.forEach((value, index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[tails[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = index;
  });
  const found: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] as number) found.push(at);
  return found.toReversed();
}
