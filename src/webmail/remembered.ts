/**
 * What is remembered of accounts between their requests, each at its home.
 *
 * Invariants: bounded by number and by bytes, over all accounts together; who has not asked for the longest is forgotten
 * first, and never who asks now; of the rows of lists, which are only read again, before anything else. At another home an
 * account's memory is another one.
 */
import type { MailMemory } from './mail/memory.ts';
import type { Past } from './mail-access.ts';

/** Of some 100 KB each without what `weight` counts. */
const REMEMBERED = 1_000;
/** Of lists and aliases over all accounts: 100 lists of 100,000 messages and a tidy-up of 20,000 in 20 accounts. */
const REMEMBERED_BYTES = 128 * 1024 * 1024;

/** Of rows of lists: of 500 customers who look at two screens each. */
const ROW_BYTES = 32 * 1024 * 1024;

export type Remembered = { readonly memory: MailMemory; readonly past: Past };

/** @param make for an account that is not known, or no more */
export function createRemembered(make: (accountId: number, home: string) => Remembered): (accountId: number, home: string) => Remembered {
  const memories = new Map<string, Remembered>();

  /** The account that asks is the last, and stays. */
  function forget(): void {
    let bytes = 0;
    let rows = 0;
    for (const { memory } of memories.values()) {
      bytes += memory.weight();
      rows += memory.rows.bytes();
    }
    if (rows > ROW_BYTES) forgetRows(rows);
    for (const [key, { memory }] of memories) {
      if (memories.size === 1 || (memories.size <= REMEMBERED && bytes <= REMEMBERED_BYTES)) return;
      bytes -= memory.weight();
      memories.delete(key);
    }
  }

  function forgetRows(bytes: number): void {
    let left = bytes;
    for (const { memory } of memories.values()) {
      if (left <= ROW_BYTES) return;
      left -= memory.rows.bytes();
      memory.rows.clear();
    }
  }

  return (accountId, home) => {
    const key = `${accountId} ${home}`;
    const known = memories.get(key) ?? make(accountId, home);
    memories.delete(key);
    memories.set(key, known);
    forget();
    return known;
  };
}
