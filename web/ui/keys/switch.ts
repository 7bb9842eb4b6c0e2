/** Whether shortcuts of one character act (WCAG 2.1.4); kept in this browser. */
import { useSyncExternalStore } from 'react';
import { createListeners } from '../listeners.ts';

const KEPT = 'shortcuts';
const listeners = createListeners();

export const getShortcutsOn = (): boolean => localStorage.getItem(KEPT) !== 'off';

export function setShortcutsOn(on: boolean): void {
  localStorage.setItem(KEPT, on ? 'on' : 'off');
  listeners.tell();
}

export const useShortcutsOn = (): boolean => useSyncExternalStore(listeners.subscribe, getShortcutsOn);
