/**
 * What can be undone, the latest first.
 *
 * Invariant: an entry is undone at most once. Emails keep their ids where they are moved (docs/jmap.md), so an entry lasts
 * as long as it is kept here; those that are gone by then are told.
 */
import type { Group } from './patch.ts';

export type Undoable = {
  /** As the toast said it. */
  readonly label: string;
  readonly groups: readonly Group[];
};

/** A person remembers the last some; each may hold 100,000 ids, 4 MB. */
const KEPT = 10;

export type UndoStack = readonly Undoable[];

export function pushed(stack: UndoStack, entry: Undoable): UndoStack {
  return entry.groups.length === 0 ? stack : [entry, ...stack].slice(0, KEPT);
}

/** @param entry the one of a toast; else the latest. Undefined: there is none, or it was undone already. */
export function popped(stack: UndoStack, entry: Undoable | undefined = stack[0]): { readonly entry: Undoable; readonly stack: UndoStack } | undefined {
  return entry === undefined || !stack.includes(entry) ? undefined : { entry, stack: stack.filter((one) => one !== entry) };
}
