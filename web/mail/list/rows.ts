/**
 * What lists show of emails, by id: one copy, whatever lists and panes show it.
 *
 * Invariants: a change that the server was asked for is seen at once, and stays seen until it has answered, also when an
 * older answer comes in between. Bounded: the rows that were longest not written go first, and are read again when needed.
 */
import { useCallback, useSyncExternalStore } from 'react';
import { applied, type Patch } from '../actions/patch.ts';
import { onSignedOut } from '../api/http.ts';
import type { Address, Email } from '../api/types.ts';

export type RowEmail = Pick<Email, 'id' | 'blobId' | 'threadId' | 'mailboxIds' | 'keywords' | 'size' | 'from' | 'to' | 'subject' | 'receivedAt' | 'hasAttachment'> & { /** Not known yet, or wanted by nobody (previews.ts). */ readonly preview?: string };

/** 1 kB each: fifty pages. */
const KEPT = 5_000;

const rows = new Map<string, RowEmail>();
/** Patches that the server has not answered yet, in their order. */
const pending = new Map<string, readonly Patch[]>();
const listeners = new Map<string, Set<() => void>>();

const tell = (id: string): void => listeners.get(id)?.forEach((listener) => listener());

const patched = (email: RowEmail): RowEmail => (pending.get(email.id) ?? []).reduce<RowEmail>((seen, patch) => applied(seen, patch) as RowEmail, email);

export const getRow = (id: string): RowEmail | undefined => rows.get(id);

/** @param emails as the server has them; with fewer properties they are put over what is known */
export function putRows(emails: readonly (Partial<RowEmail> & { readonly id: string })[]): void {
  for (const email of emails) {
    const known = rows.get(email.id);
    if (known === undefined && email.threadId === undefined) continue;
    const next = patched({ ...known, ...email } as RowEmail);
    rows.delete(email.id);
    rows.set(email.id, known !== undefined && JSON.stringify(known) === JSON.stringify(next) ? known : next);
    if (rows.get(email.id) !== known) tell(email.id);
  }
  for (const [id] of rows) {
    if (rows.size <= KEPT) break;
    if (!listeners.has(id)) rows.delete(id);
  }
}

/** Shows a change before the server has made it. @returns takes it off the list of what is awaited, once it has, or has not */
export function patchRows(ids: readonly string[], patch: Patch): () => void {
  for (const id of ids) {
    pending.set(id, [...(pending.get(id) ?? []), patch]);
    const known = rows.get(id);
    if (known === undefined) continue;
    rows.set(id, applied(known, patch) as RowEmail);
    tell(id);
  }
  return () => {
    for (const id of ids) {
      const left = (pending.get(id) ?? []).filter((each) => each !== patch);
      if (left.length === 0) pending.delete(id);
      else pending.set(id, left);
    }
  };
}

/** What the server refused is shown as it is. */
export function restoreRows(before: readonly RowEmail[]): void {
  for (const email of before) {
    rows.set(email.id, patched(email));
    tell(email.id);
  }
}

// Another account has other emails under the same ids.
onSignedOut(() => {
  rows.clear();
  pending.clear();
});

export function useRow(id: string | undefined): RowEmail | undefined {
  const subscribe = useCallback(
    (listener: () => void) => {
      if (id === undefined) return () => {};
      const those = listeners.get(id) ?? new Set();
      those.add(listener);
      listeners.set(id, those);
      return () => {
        those.delete(listener);
        if (those.size === 0) listeners.delete(id);
      };
    },
    [id],
  );
  return useSyncExternalStore(subscribe, () => (id === undefined ? undefined : rows.get(id)));
}

/** Senders of what was read, the latest first. */
export function* peopleSeen(): Generator<Address> {
  for (const { from } of [...rows.values()].toReversed()) yield* from ?? [];
}
