/** How this browser shows lists; what holds for all browsers of a customer is in look.ts. */
import { useSyncExternalStore } from 'react';
import { createListeners } from '#ui/listeners.ts';

export type ListPreferences = { /** Emails of a conversation as one row. */ readonly conversations: boolean; readonly notify: boolean };

const KEPT = 'list';
const listeners = createListeners();
let preferences: ListPreferences = read();

function read(): ListPreferences {
  let kept: Partial<Record<keyof ListPreferences, unknown>> = {};
  try {
    kept = (JSON.parse(localStorage.getItem(KEPT) ?? '{}') ?? {}) as typeof kept;
  } catch {
    // What cannot be read is as if it had never been set.
  }
  return { conversations: kept.conversations !== false, notify: kept.notify === true };
}

export const getListPreferences = (): ListPreferences => preferences;

export function setListPreferences(change: Partial<ListPreferences>): void {
  preferences = { ...preferences, ...change };
  localStorage.setItem(KEPT, JSON.stringify(preferences));
  listeners.tell();
}

export const useListPreferences = (): ListPreferences => useSyncExternalStore(listeners.subscribe, getListPreferences);
