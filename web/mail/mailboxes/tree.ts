/**
 * Mailboxes as the tree that is shown.
 *
 * Invariants: each mailbox is there once, also one whose parent is missing; those with roles first, as the server sorts
 * them, then by name as the reader's language has it. What is collapsed hides what is below it, and says how much of that
 * is unread.
 */
import type { Mailbox } from '../api/types.ts';

export type Row = {
  readonly box: Mailbox;
  /** 1 for those on top, as `aria-level` has it. */
  readonly level: number;
  readonly hasChildren: boolean;
  readonly isOpen: boolean;
  /** Its place among its siblings, from 1, and how many these are. */
  readonly at: number;
  readonly of: number;
  /** Its own, and of what it hides. */
  readonly unread: number;
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function sortedMailboxes(boxes: readonly Mailbox[]): Mailbox[] {
  return boxes.toSorted((a, b) => a.sortOrder - b.sortOrder || collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** The rows that are to be seen. */
export function treeRows(boxes: readonly Mailbox[], collapsed: ReadonlySet<string>): Row[] {
  const ids = new Set(boxes.map(({ id }) => id));
  const below = new Map<string | null, Mailbox[]>();
  for (const box of sortedMailboxes(boxes)) {
    const parent = box.parentId !== null && ids.has(box.parentId) ? box.parentId : null;
    below.set(parent, [...(below.get(parent) ?? []), box]);
  }
  const rows: Row[] = [];
  const add = (parent: string | null, level: number): void => {
    const siblings = below.get(parent) ?? [];
    siblings.forEach((box, n) => {
      const hasChildren = below.has(box.id);
      const isOpen = hasChildren && !collapsed.has(box.id);
      const hidden = hasChildren && !isOpen ? unreadBelow(box.id) : 0;
      rows.push({ box, level, hasChildren, isOpen, at: n + 1, of: siblings.length, unread: unreadOf(box) + hidden });
      if (isOpen) add(box.id, level + 1);
    });
  };
  const unreadBelow = (id: string): number => (below.get(id) ?? []).reduce((sum, box) => sum + unreadOf(box) + unreadBelow(box.id), 0);
  add(null, 1);
  return rows;
}

/** What is unread in junk and trash is nobody's concern. */
export function unreadOf({ role, unreadEmails }: Mailbox): number {
  return role === 'junk' || role === 'trash' ? 0 : unreadEmails;
}

/** `Work / Travel`: where the mailbox is, for lists without a tree. */
export function pathOf(box: Mailbox, byId: ReadonlyMap<string, Mailbox>): string {
  const names = [box.name];
  for (let above = box.parentId; above !== null; above = byId.get(above)?.parentId ?? null) names.unshift(byId.get(above)?.name ?? '');
  return names.join(' / ');
}

/** Itself and all below, deepest first: the order in which they can be deleted. */
export function deepestFirst(id: string, boxes: readonly Mailbox[]): Mailbox[] {
  const children = boxes.filter(({ parentId }) => parentId === id).flatMap((box) => deepestFirst(box.id, boxes));
  return [...children, ...boxes.filter((box) => box.id === id)];
}

/** Where a mailbox may be moved to: not below itself, not where it is. */
export function mayMoveBelow(box: Mailbox, parentId: string | null, boxes: readonly Mailbox[]): boolean {
  if (box.myRights['mayRename'] !== true || box.parentId === parentId) return false;
  if (parentId === null) return true;
  const inside = new Set(deepestFirst(box.id, boxes).map(({ id }) => id));
  return !inside.has(parentId) && boxes.some(({ id, myRights }) => id === parentId && myRights['mayCreateChild'] === true);
}

/** `sortOrder`s that put the box before or after another of its siblings; only those that change. */
export function reordered(box: Mailbox, beside: Mailbox, after: boolean, boxes: readonly Mailbox[]): Map<string, number> {
  const siblings = sortedMailboxes(boxes.filter(({ parentId, id }) => parentId === beside.parentId && id !== box.id));
  const at = siblings.findIndex(({ id }) => id === beside.id) + (after ? 1 : 0);
  const order = siblings.toSpliced(at, 0, box);
  return new Map(order.flatMap(({ id, sortOrder }, n) => (sortOrder === n + 1 ? [] : [[id, n + 1] as const])));
}
