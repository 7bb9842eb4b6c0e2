/**
 * A row that a finger pushes aside: far enough to one side or the other, something is done with it when the finger is lifted.
 *
 * Invariants: it is a second way to what the bar above the list does (WCAG 2.5.1), and what it does can be undone or asks
 * first. A finger that goes up or down first scrolls, which stays the browser's; one that comes back does nothing.
 */
import { type PointerEvent, useRef, useState } from 'react';

/** As the text runs: to where its lines end, or begin. */
export type Side = 'end' | 'start';
export type Swiped = { readonly id: string; readonly side: Side; /** It is done when the finger is lifted now. */ readonly isFar: boolean };
export type SwipeHandlers = Readonly<Record<'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel', (event: PointerEvent) => void>>;
type Push = { readonly row: HTMLElement; readonly id: string; readonly x: number; readonly y: number; readonly isRtl: boolean; swiped: Swiped | undefined };

/** Pixels; a tap trembles less. */
const BEGIN = 12;
/** Of the row's width. */
const FAR = 0.3;
/** Of the finger's way, where nothing can be done on that side. */
const STIFF = 0.15;

/**
 * @param may what can be done at all
 * @param act settles when the row is gone, or will not go
 */
export function useSwipe(may: (side: Side) => boolean, act: (id: string, side: Side) => Promise<void>): { readonly swiped: Swiped | undefined; readonly handlers: SwipeHandlers } {
  const push = useRef<Push>(undefined);
  const [swiped, setSwiped] = useState<Swiped>();

  function end({ row }: Push): void {
    row.style.transform = '';
    delete row.dataset['pushed'];
    // Another may be on its way by now.
    if (push.current === undefined) setSwiped(undefined);
  }

  function onPointerMove(event: PointerEvent): void {
    const now = push.current;
    if (now === undefined) return;
    const [right, down] = [event.clientX - now.x, event.clientY - now.y];
    if (now.swiped === undefined) {
      if (Math.abs(down) > BEGIN) push.current = undefined;
      if (push.current === undefined || Math.abs(right) < BEGIN) return;
      now.row.setPointerCapture(event.pointerId);
      now.row.dataset['pushed'] = '';
    }
    const side = right > 0 === now.isRtl ? 'start' : 'end';
    const isFar = may(side) && Math.abs(right) > now.row.clientWidth * FAR;
    now.row.style.transform = `translateX(${may(side) ? right : right * STIFF}px)`;
    if (now.swiped?.side === side && now.swiped.isFar === isFar) return;
    now.swiped = { id: now.id, side, isFar };
    setSwiped(now.swiped);
  }

  return {
    swiped,
    handlers: {
      onPointerDown({ pointerType, isPrimary, target, clientX: x, clientY: y }) {
        const row = target instanceof Element ? target.closest<HTMLElement>('[data-id]') : null;
        if (pointerType !== 'touch' || !isPrimary || row === null) return;
        push.current = { row, id: row.dataset['id'] as string, x, y, isRtl: getComputedStyle(row).direction === 'rtl', swiped: undefined };
      },
      onPointerMove,
      onPointerUp(event) {
        const now = push.current;
        push.current = undefined;
        if (now === undefined) return;
        const { row, id, swiped: last } = now;
        if (last === undefined || !last.isFar) return end(now);
        delete row.dataset['pushed'];
        row.style.transform = `translateX(${event.clientX > now.x ? 100 : -100}%)`;
        void act(id, last.side).finally(() => end(now));
      },
      onPointerCancel() {
        const now = push.current;
        push.current = undefined;
        if (now !== undefined) end(now);
      },
    },
  };
}
