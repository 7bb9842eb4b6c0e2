/** Light, dark, or as the system is; kept in this browser. */
import { useSyncExternalStore } from 'react';
import { createListeners } from './listeners.ts';

export type Theme = 'light' | 'dark' | 'system';

const KEPT = 'theme';
const listeners = createListeners();
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

export function getTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function isDark(): boolean {
  const theme = getTheme();
  return theme === 'dark' || (theme === 'system' && systemDark.matches);
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
  listeners.tell();
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEPT, theme);
  applyTheme();
}

systemDark.addEventListener('change', applyTheme);

export const useTheme = (): Theme => useSyncExternalStore(listeners.subscribe, getTheme);
export const useDark = (): boolean => useSyncExternalStore(listeners.subscribe, isDark);
