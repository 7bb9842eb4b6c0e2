/**
 * Which rows of a list are to be there, where all rows are equally high: by arithmetic, so a hundred thousand cost as much
 * as ten. What measures each row has an object for each, which was 10 ms of the way to a list that can be read.
 *
 * Invariant: the rows that one sees are there, and as many beside them as were asked for, as far as there are any.
 */
import { type RefObject, useCallback, useLayoutEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** Rows by their places, the last one included. */
export type Seen = { readonly from: number; readonly to: number };

/** @param top pixels above the screen @param view pixels of the screen @param height of a row */
export function rowsSeen(top: number, view: number, height: number): Seen {
  const from = Math.max(0, Math.floor(top / height));
  return { from, to: Math.max(from, Math.ceil((top + view) / height) - 1) };
}

/** @returns rows that are to be there; `last` is before `first` when the list is empty */
export function rowsThere({ from, to }: Seen, count: number, beside: number): { readonly first: number; readonly last: number } {
  return { first: Math.max(0, Math.min(from, count - 1) - beside), last: Math.min(count - 1, to + beside) };
}

/** Where to scroll to so that a row is seen whole, and no further; undefined: it is. */
export function scrollFor(index: number, top: number, view: number, height: number): number | undefined {
  if (index * height < top) return index * height;
  return (index + 1) * height > top + view ? (index + 1) * height - view : undefined;
}

export type FixedRows = {
  readonly first: number;
  readonly last: number;
  /** Rows that the screen holds. */
  perScreen(): number;
  show(index: number): void;
};

/** @param height pixels of a row @param beside rows that are there above and below the screen */
export function useFixedRows(scroll: RefObject<HTMLElement | null>, count: number, height: number, beside: number): FixedRows {
  // Until the list has been laid out: as much as a window can show, so that the first rendering has its rows.
  const [seen, setSeen] = useState<Seen>(() => rowsSeen(0, window.innerHeight, height));

  useLayoutEffect(() => {
    const box = scroll.current;
    if (box === null) return;
    const look = (isFirst: boolean): void => {
      const { from, to } = rowsSeen(box.scrollTop, box.clientHeight, height);
      setSeen((before) => ((isFirst && before.from <= from && before.to >= to) || (before.from === from && before.to === to) ? before : { from, to }));
    };
    // In the turn of the event, so that what comes into sight is there when it is painted.
    const onScroll = (): void => flushSync(() => look(false));
    look(true);
    // The first is told at once, of what was just looked at.
    const sizes = new ResizeObserver(() => look(true));
    sizes.observe(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      sizes.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, [scroll, height]);

  return {
    ...rowsThere(seen, count, beside),
    perScreen: () => Math.floor((scroll.current?.clientHeight ?? 0) / height),
    show: useCallback(
      (index: number) => {
        const box = scroll.current;
        const top = box === null ? undefined : scrollFor(index, box.scrollTop, box.clientHeight, height);
        if (top !== undefined) box?.scrollTo({ top, behavior: 'instant' });
      },
      [scroll, height],
    ),
  };
}
