/**
 * The list that a query finds, as far as the page has seen it: a row for each email, of which only some are known.
 *
 * Invariants: a row's id, where known, is the one that the server has at this place in `queryState`. A page of another
 * state clears what it does not bring along. So a row is unknown rather than wrong.
 */
import { PAGE } from '#webmail/start/api.ts';

export type Window = {
  /** One for each row; undefined: not read yet. 100,000 are 0.8 MB. */
  readonly ids: readonly (string | undefined)[];
  /** The server's; undefined: nothing was read yet. */
  readonly queryState: string | undefined;
  /** Whether the length is the server's word, not an estimate. */
  readonly isCounted: boolean;
};

/** Of Email/query (RFC 8620 section 5.5). */
export type Page = { readonly queryState: string; readonly position: number; readonly ids: readonly string[]; readonly total?: number };

/** Rows beside a jump that are read with it: those of two pages whole would be four screens. */
const BESIDE = 12;

/** @param estimate rows, as the mailbox's count has it */
export function emptyWindow(estimate: number): Window {
  const ids: undefined[] = [];
  // To make them one by one takes 10 ms.
  ids.length = estimate;
  return { ids: ids.fill(undefined), queryState: undefined, isCounted: false };
}

/**
 * @param limit rows that were asked for; fewer mean that the list ends there
 * @param estimate rows that there may be, where nobody has counted
 */
export function withPage(window: Window, page: Page, limit: number, estimate = 0): Window {
  const isSame = window.queryState === page.queryState;
  const end = page.position + page.ids.length;
  const ends = page.ids.length < limit ? end : undefined;
  const counted = page.total ?? ends;
  const length = counted ?? (isSame && window.isCounted ? window.ids.length : Math.max(window.ids.length, end, estimate));
  const ids: (string | undefined)[] = isSame ? window.ids.slice(0, length) : [];
  ids.length = length;
  // A hole of an array is skipped by its methods.
  const filled = Array.from(ids);
  page.ids.forEach((id, n) => {
    filled[page.position + n] = id;
  });
  return { ids: filled, queryState: page.queryState, isCounted: counted !== undefined || (isSame && window.isCounted) };
}

/** As it will be when the server has taken these out; the state is what it was, so the next answer puts all right. */
export function without(window: Window, gone: ReadonlySet<string>): Window {
  return { ...window, ids: window.ids.filter((id) => id === undefined || !gone.has(id)) };
}

/** The pages that rows `first` to `last` (inclusive) want, as positions for Email/query. */
export function missingPages(window: Window, first: number, last: number): number[] {
  const pages = new Set<number>();
  for (let at = Math.max(0, first); at <= Math.min(last, window.ids.length - 1); at += 1) {
    if (window.ids[at] === undefined) pages.add(at - (at % PAGE));
  }
  return [...pages];
}

/** Pages side by side as one request: two at once would want two connections to the platform. @param pages in their order */
export function runsOf(pages: readonly number[]): { readonly position: number; readonly limit: number }[] {
  const runs: { position: number; limit: number }[] = [];
  for (const position of pages) {
    const last = runs.at(-1);
    if (last !== undefined && last.position + last.limit === position) last.limit += PAGE;
    else runs.push({ position, limit: PAGE });
  }
  return runs;
}

/** As much of a run as is looked at, with what is beside it, where that lies in several pages. */
export function around({ position, limit }: { readonly position: number; readonly limit: number }, first: number, last: number): { readonly position: number; readonly limit: number } {
  if (limit <= PAGE) return { position, limit };
  const from = Math.max(position, first - BESIDE);
  return { position: from, limit: Math.min(position + limit, last + 1 + BESIDE) - from };
}

/** How many rows the one that was at `at`, or the nearest after it, has gone down: so the screen can stay where it was. */
export function shiftOf(before: Window, after: Window, at: number): number {
  for (let index = at; index < Math.min(before.ids.length, at + PAGE); index += 1) {
    const id = before.ids[index];
    const now = id === undefined ? -1 : after.ids.indexOf(id);
    if (now >= 0) return now - index;
  }
  return 0;
}
