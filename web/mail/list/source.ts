/**
 * A list of emails: what one question finds, read as far as it is looked at, and kept current.
 *
 * Invariants: rows that were taken out before the server knows are not shown again by an older answer. Of two answers that
 * overtake each other the later question counts. What is on the screen when news come is asked for first, and stays where
 * it is (`onShift`).
 */
import { createListeners } from '#ui/listeners.ts';
import { jmap, refer } from '../api/jmap.ts';
import { PAGE, ROW_PROPERTIES } from '#webmail/start/api.ts';
import type { GetAnswer, QueryAnswer } from '../api/types.ts';
import { getRow, putRows, type RowEmail } from './rows.ts';
import { around, emptyWindow, missingPages, runsOf, shiftOf, type Window, without, withPage } from './window.ts';

export type Sort = readonly { readonly property: string; readonly isAscending: boolean }[];

export type Question = {
  readonly filter: unknown;
  readonly sort: Sort;
  readonly collapseThreads: boolean;
  /** The mailbox that the list is of; undefined: it is of several. */
  readonly mailboxId: string | undefined;
};

export type Source = {
  readonly question: Question;
  get(): Window;
  /** Whether it was read at least once. */
  isRead(): boolean;
  subscribe(listener: () => void): () => void;
  /** Rows `first` to `last` are looked at: what of them is unknown is read. @throws ApiError, JmapError */
  look(first: number, last: number, signal?: AbortSignal): Promise<void>;
  /** What is already on its way is its beginning: nobody asks for it again. @param answer undefined: it is asked for after all */
  begin(answer: Promise<Beginning | undefined>): Promise<void>;
  /** Asks anew for what is looked at. @throws ApiError, JmapError */
  refresh(signal?: AbortSignal): Promise<void>;
  /** As many emails as the mailbox counts now. */
  expect(count: number): void;
  /** Takes rows out. @returns lets them come back, if the server still has them */
  take(ids: readonly string[]): () => void;
  /** Called with how many rows the one at the top of the screen went down. */
  onShift(listener: (rows: number) => void): () => void;
};

/** The first PAGE of what the question finds. */
export type Beginning = { readonly page: QueryAnswer; readonly rows: GetAnswer<RowEmail> };

/** @param count rows that there may be, until the server has counted */
export function createSource(question: Question, count: number): Source {
  const { filter, sort, collapseThreads } = question;
  let estimate = count;
  let window = emptyWindow(estimate);
  let looked: readonly [first: number, last: number] = [0, 0];
  let asked = 0;
  let accepted = 0;
  const taken = new Map<string, number>();
  const loading = new Set<number>();
  /** The first reading, while it is under way: whoever wants the same waits for it. */
  let beginning: Promise<unknown> | undefined;
  /** Who refreshes a second time has heard that there is news, of which that reading may be from before. */
  let isAwaited = false;
  const listeners = createListeners();
  const shifted = new Set<(rows: number) => void>();

  function put(next: Window): void {
    window = taken.size === 0 ? next : without(next, new Set(taken.keys()));
    listeners.tell();
  }

  async function read(position: number, limit: number, refreshes: boolean, signal: AbortSignal | undefined): Promise<void> {
    asked += 1;
    const order = asked;
    // Where threads are collapsed, to count is to look through all of the mailbox: not for its first rows.
    const calculateTotal = !collapseThreads || position > 0;
    const query = ['Email/query', { filter, sort, collapseThreads, position, limit, calculateTotal }, 'q'] as const;
    const isKnown = window.ids.slice(position, position + limit).every((id) => id !== undefined && getRow(id) !== undefined);
    // Of what is known only that can have changed.
    const properties = refreshes && isKnown ? ['id', 'keywords', 'mailboxIds'] : ROW_PROPERTIES;
    const [page, emails] = await jmap<readonly [QueryAnswer, GetAnswer<RowEmail>]>([query, ['Email/get', { '#ids': refer('q', 'Email/query', '/ids'), properties }, 'g']], signal);
    putRows(emails.list);
    const unknown = page.ids.filter((id) => getRow(id) === undefined && !emails.notFound.includes(id));
    if (unknown.length > 0) putRows((await jmap<readonly [GetAnswer<RowEmail>]>([['Email/get', { ids: unknown, properties: ROW_PROPERTIES }]], signal))[0].list);
    accept(order, page, limit);
  }

  function accept(order: number, page: QueryAnswer, limit: number): void {
    if (order < accepted) return;
    accepted = order;
    const before = window;
    put(withPage(window, page, limit, estimate));
    const down = before.queryState === undefined || looked[0] === 0 ? 0 : shiftOf(before, window, looked[0]);
    if (down !== 0) for (const listener of shifted) listener(down);
  }

  return {
    question,
    get: () => window,
    isRead: () => window.queryState !== undefined,
    subscribe: listeners.subscribe,
    async look(first, last, signal) {
      looked = [first, last];
      if (beginning !== undefined) return void (await beginning);
      const pages = missingPages(window, first, last).filter((position) => !loading.has(position));
      const reading = Promise.all(
        runsOf(pages).map(async (run) => {
          const { position, limit } = run;
          const within = pages.filter((page) => page >= position && page < position + limit);
          for (const page of within) loading.add(page);
          try {
            const part = around(run, first, last);
            await read(part.position, part.limit, false, signal);
          } finally {
            for (const page of within) loading.delete(page);
          }
        }),
      );
      if (window.queryState === undefined && pages.length > 0) beginning = reading;
      await reading.finally(() => (beginning = undefined));
    },
    begin(answer) {
      asked += 1;
      const order = asked;
      const reading = answer.then(async (known) => {
        if (known === undefined) return read(0, PAGE, false, undefined);
        if (window.queryState !== undefined) return;
        putRows(known.rows.list);
        accept(order, known.page, PAGE);
      });
      beginning = reading;
      return reading.finally(() => (beginning = undefined));
    },
    async refresh(signal) {
      if (beginning !== undefined && !isAwaited) {
        isAwaited = true;
        return void (await beginning);
      }
      const position = looked[0] - (looked[0] % PAGE);
      await read(position, Math.max(PAGE, Math.ceil((looked[1] + 1 - position) / PAGE) * PAGE), window.queryState !== undefined, signal);
    },
    expect(now) {
      estimate = now;
    },
    take(ids) {
      for (const id of ids) taken.set(id, (taken.get(id) ?? 0) + 1);
      put(window);
      return () => {
        for (const id of ids) {
          const left = (taken.get(id) ?? 1) - 1;
          if (left === 0) taken.delete(id);
          else taken.set(id, left);
        }
      };
    },
    onShift(listener) {
      shifted.add(listener);
      return () => void shifted.delete(listener);
    },
  };
}
