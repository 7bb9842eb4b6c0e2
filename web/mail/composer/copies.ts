/** The copies of this browser (crash-copy.ts): of whoever is signed in. A lock of the browser says which composers are open in any tab. */
import { accountIdOf, getSession } from '../api/session.ts';
import { createCrashStore, type CrashStore } from './crash-copy.ts';

const LOCK = 'causeway.writing.';
const held = new Map<string, () => void>();

let kept: { readonly accountId: string; readonly store: CrashStore } | undefined;

export function copies(): CrashStore {
  const accountId = accountIdOf(getSession());
  if (kept?.accountId !== accountId) kept = { accountId, store: createCrashStore({ storage: localStorage, accountId, now: Date.now, isOpen }) };
  return kept.store;
}

async function isOpen(id: string): Promise<boolean> {
  if (held.has(id)) return true;
  // Pages without TLS have no locks: there nobody has two tabs.
  const locks = await navigator.locks?.query();
  return locks?.held?.some(({ name }) => name === LOCK + id) === true;
}

/** Until `closed`, or the end of the tab. */
export function opened(id: string): void {
  if (held.has(id)) return;
  held.set(id, () => {});
  void navigator.locks?.request(LOCK + id, () => new Promise<void>((release) => held.has(id) ? void held.set(id, release) : release()));
}

export function closed(id: string): void {
  held.get(id)?.();
  held.delete(id);
}
