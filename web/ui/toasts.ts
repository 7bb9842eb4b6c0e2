/** What `Toasts` shows: a short queue outside of React, so that any code can say something. */
import { createListeners } from './listeners.ts';

export type Toast = { readonly id: number; readonly text: string; readonly kind: 'plain' | 'bad'; readonly act?: { readonly label: string; readonly run: () => void } | undefined };

/** More would cover the page; the oldest goes. */
const MOST = 3;
/** Twenty words read slowly (WCAG 2.2.1 wants more time on demand: pointing at it gives that). */
const SHOWN_MS = 8_000;

let toasts: readonly Toast[] = [];
let lastId = 0;
let held = false;
const listeners = createListeners();
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export const getToasts = (): readonly Toast[] => toasts;

export const subscribeToasts = listeners.subscribe;

function put(next: readonly Toast[]): void {
  toasts = next;
  listeners.tell();
}

/** @param toast `ms`: how long it is shown; errors stay until they are closed @returns closes it */
export function showToast({ text, kind = 'plain', act, ms = SHOWN_MS }: { readonly text: string; readonly kind?: Toast['kind']; readonly act?: Toast['act']; readonly ms?: number }): () => void {
  lastId += 1;
  const id = lastId;
  put([...toasts, { id, text, kind, act }].slice(-MOST));
  if (kind !== 'bad') start(id, ms);
  return () => dismissToast(id);
}

function start(id: number, ms: number): void {
  timers.set(id, setTimeout(() => (held ? start(id, 2_000) : dismissToast(id)), ms));
}

export function dismissToast(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  put(toasts.filter((each) => each.id !== id));
}

/** While they are pointed at, none goes. */
export function holdToasts(hold: boolean): void {
  held = hold;
}
