/** Whether somebody scrolls, or has come to rest: while one passes thousands of rows none is asked for. */
export type Place = { readonly first: number; readonly last: number; /** Since when (ms). */ readonly at: number; /** Until when nothing is asked for (ms). */ readonly until: number };

/** A jump after a rest is asked for at once. */
export const STILL_MS = 80;

/** @param before the last place; a list that changed under one who rests is no scrolling */
export function placeAt(before: Place | undefined, first: number, last: number, now: number): Place {
  if (before !== undefined && before.first === first && before.last === last) return before;
  const isMoving = before !== undefined && now - before.at < STILL_MS;
  return { first, last, at: now, until: isMoving ? now + STILL_MS : now };
}
