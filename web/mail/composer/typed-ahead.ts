/**
 * What is typed between asking for a composer and its being there.
 *
 * Invariants: a field has the focus meanwhile (`TypedAhead.tsx`), and hands on what it holds once, to where one begins to
 * write. Until then no shortcut acts, unless the writer has pointed elsewhere.
 */
type Waiting = { readonly field: HTMLInputElement; readonly end: () => void; hasLeft: boolean };

/** By the key of their composer. */
const waiting = new Map<number, Waiting>();

/** @returns what ends the waiting without a composer */
export function awaitComposer(key: number, field: HTMLInputElement, end: () => void): () => void {
  const one: Waiting = { field, end, hasLeft: false };
  waiting.set(key, one);
  const leave = (): void => void (one.hasLeft = true);
  // Whatever else takes the focus, as a message that is shown just now, does not keep it; only who goes on to the window's buttons does.
  const stay = ({ relatedTarget: to }: FocusEvent): void => {
    if (to instanceof Node && field.parentElement?.contains(to) === true) return;
    queueMicrotask(() => waiting.get(key) === one && !one.hasLeft && field.focus());
  };
  document.addEventListener('pointerdown', leave, true);
  field.addEventListener('blur', stay);
  field.focus({ preventScroll: true });
  return () => {
    document.removeEventListener('pointerdown', leave, true);
    field.removeEventListener('blur', stay);
    if (waiting.get(key) === one) waiting.delete(key);
  };
}

export const isComposerAwaited = (): boolean => [...waiting.values()].some(({ hasLeft }) => !hasLeft);

/** For what has the focus by now. @returns '' the second time */
export function takeTyped(key: number): string {
  const one = waiting.get(key);
  if (one === undefined) return '';
  waiting.delete(key);
  one.end();
  return one.field.value;
}
