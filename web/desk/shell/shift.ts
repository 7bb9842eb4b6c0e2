/**
 * Whether whoever is at this page is on shift, as they said, and the call that is being taken.
 *
 * Invariants: what was said holds in this browser until something else is said, and is told as long as a page is open. One
 * call at a time: opening another caller's screen ends the former; the case that is written after a call is part of it.
 */
import { useEffect, useSyncExternalStore } from 'react';
import { createListeners } from '#ui/listeners.ts';
import { ask } from '#ui/staff/ask.ts';
import { useMay } from '#ui/staff/who.ts';
import { type Presence, PRESENCE_MS, PRESENCES } from '#desk/cases/api.ts';

const KEPT = 'presence';
const listeners = createListeners();

export const getPresence = (): Presence | undefined => PRESENCES.find((each) => each === localStorage.getItem(KEPT));

export const usePresenceSaid = (): Presence | undefined => useSyncExternalStore(listeners.subscribe, getPresence);

/** Resolves when the desk was told, or could not be. */
export function setPresence(presence: Presence | undefined): Promise<unknown> {
  if (presence === undefined) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, presence);
  listeners.tell();
  return tell(presence ?? null);
}

let told: Promise<unknown> = Promise.resolve();

/** One after the other, so that the last word is the last that is heard. Nothing depends on it: what was not heard is said again in ten seconds. */
const tell = (presence: Presence | null): Promise<unknown> => (told = told.then(() => ask('/api/desk/presence', { presence })).catch(() => undefined));

/** Says it again and again, as long as the page is open. */
export function useTellPresence(): void {
  const presence = usePresenceSaid();
  const isAllowed = useMay()('shift.own');
  useEffect(() => {
    if (presence === undefined || !isAllowed) return;
    void tell(presence);
    const timer = setInterval(() => void tell(presence), PRESENCE_MS);
    return () => clearInterval(timer);
  }, [presence, isAllowed]);
}

let call: { readonly account: number; readonly id: Promise<number | undefined> } | undefined;

/** Counted for the load; that it cannot be counted stops nobody. */
export function beginCall(account: number): void {
  if (call?.account === account) return;
  endCall();
  call = { account, id: ask<{ id: number }>('/api/desk/calls', { key: crypto.randomUUID(), account }).then(({ id }) => id, () => undefined) };
}

export function endCall(): void {
  const former = call;
  call = undefined;
  void former?.id.then((id) => (id === undefined ? undefined : ask(`/api/desk/calls/${id}/end`, {}))).catch(() => undefined);
}
