/**
 * Ends what streams news to a page when the session that asked for it is over.
 *
 * Invariants: a stream outlives its session by LOOK_MS at most; while the store does not answer it goes on, since nobody knows
 * better. What the page leaves ends at its source, too.
 */
import type { Clock } from '#events/clock.ts';

/** As long as whoever is removed may go on looking; a small read for each open page. */
const LOOK_MS = 10_000;

/** @param isOpen whether the session is; rejects when that cannot be known */
export function endingWith(response: Response, isOpen: () => Promise<boolean>, clock: Clock): Response {
  if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response;
  const over = new AbortController();
  const reader = response.body.getReader();
  const ended = (async () => {
    while (!over.signal.aborted) {
      await clock.sleep(LOOK_MS, over.signal).catch(() => {});
      if (!over.signal.aborted && !(await isOpen().catch(() => true))) return over.abort();
    }
  })();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await Promise.race([reader.read(), ended.then(() => undefined)]);
      if (next !== undefined && !next.done) return controller.enqueue(next.value);
      over.abort();
      if (next === undefined) void reader.cancel().catch(() => {});
      controller.close();
    },
    async cancel(reason) {
      over.abort();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}
