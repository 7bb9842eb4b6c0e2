/**
 * How the texts of the rows on the screen begin.
 *
 * Invariants: no row waits for it: who wrote, of what and when a platform has at hand, but for a text it opens a file. Asked
 * for once for each row, of what is on the screen when the answer before has come, so who scrolls past asks for little.
 */
import { useEffect, useState } from 'react';
import { jmapOne } from '../api/jmap.ts';
import type { GetAnswer } from '../api/types.ts';
import { putRows, type RowEmail } from './rows.ts';

/** After an answer that did not come. */
const AGAIN_MS = 3_000;

let under: Promise<unknown> | undefined;

/** @param shown rows on the screen @param isOn whether they show it */
export function usePreviews(shown: readonly RowEmail[], isOn: boolean): void {
  const wanted = isOn ? shown.filter(({ preview }) => preview === undefined).map(({ id }) => id) : [];
  const [failures, setFailures] = useState(0);
  const key = wanted.join();
  useEffect(() => {
    if (wanted.length === 0) return;
    let isOver = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      while (under !== undefined) await under;
      if (isOver) return;
      const reading = readPreviews(wanted);
      under = reading.catch(() => {});
      await reading.finally(() => (under = undefined));
    };
    ask().catch(() => {
      // A row is whole without it; it comes when the server does.
      if (!isOver) again = setTimeout(() => setFailures((count) => count + 1), AGAIN_MS);
    });
    return () => {
      isOver = true;
      clearTimeout(again);
    };
    // The rows by their ids.
  }, [key, failures]);
}

/** @throws ApiError, JmapError */
async function readPreviews(ids: readonly string[]): Promise<void> {
  const { list } = await jmapOne<GetAnswer<{ readonly id: string; readonly preview: string }>>('Email/get', { ids, properties: ['id', 'preview'] });
  const found = new Map(list.map(({ id, preview }) => [id, preview]));
  // One that went meanwhile has none, and is not asked for again.
  putRows(ids.map((id) => ({ id, preview: found.get(id) ?? '' })));
}
