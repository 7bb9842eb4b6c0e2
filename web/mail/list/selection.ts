/**
 * Which emails of a list are chosen: some of them by id, or all that the query finds, but for a few.
 *
 * Invariant: "all" is of the query, not of what was read of it, so it holds rows that the page never saw.
 */
export type Selection = {
  readonly all: boolean;
  /** The chosen ones; with `all` those that are left out. */
  readonly ids: ReadonlySet<string>;
  /** Where a range begins: the row that was last chosen by itself. */
  readonly anchor: string | undefined;
};

export const NOTHING: Selection = { all: false, ids: new Set(), anchor: undefined };

export const EVERYTHING: Selection = { all: true, ids: new Set(), anchor: undefined };

export function isChosen({ all, ids }: Selection, id: string): boolean {
  return ids.has(id) !== all;
}

/** @param total rows of the list */
export function countOf({ all, ids }: Selection, total: number): number {
  return all ? Math.max(0, total - ids.size) : ids.size;
}

export function toggled(selection: Selection, id: string): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ...selection, ids, anchor: id };
}

/** A click with shift: from the anchor to here, beside what was chosen already. Rows that were not read yet are left out. */
export function extended(selection: Selection, id: string, rows: readonly (string | undefined)[]): Selection {
  const to = rows.indexOf(id);
  const from = selection.anchor === undefined ? to : rows.indexOf(selection.anchor);
  if (to < 0 || from < 0) return toggled(selection, id);
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  const ids = new Set(selection.ids);
  for (const one of range) {
    if (one === undefined) continue;
    if (selection.all) ids.delete(one);
    else ids.add(one);
  }
  return { ...selection, ids, anchor: selection.anchor ?? id };
}

/** All rows that are known: what the box above the list chooses first. */
export function knownRows(rows: readonly (string | undefined)[]): Selection {
  return { all: false, ids: new Set(rows.filter((id) => id !== undefined)), anchor: undefined };
}

/** What went is no longer chosen. */
export function withoutGone(selection: Selection, gone: ReadonlySet<string>): Selection {
  if (![...gone].some((id) => selection.ids.has(id))) return selection;
  return { ...selection, ids: new Set([...selection.ids].filter((id) => !gone.has(id))) };
}
