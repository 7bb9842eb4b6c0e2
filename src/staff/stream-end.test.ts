import { expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { endingWith } from './stream-end.ts';

function news(): { response: Response; say(text: string): void; cancelled(): boolean } {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given), cancel: () => void (isCancelled = true) });
  return { response: new Response(body, { headers: { 'content-type': 'text/event-stream' } }), say: (text) => controller.enqueue(new TextEncoder().encode(text)), cancelled: () => isCancelled };
}

test('a stream goes on while its session does, also while nobody knows, and ends with it within ten seconds', async () => {
  const clock = createManualClock(0);
  let session: 'open' | 'unknown' | 'over' = 'open';
  const source = news();
  const shown = endingWith(source.response, () => (session === 'unknown' ? Promise.reject(new Error('the store is gone')) : Promise.resolve(session === 'open')), clock);
  const reader = shown.body!.getReader();
  for (const state of ['open', 'unknown'] as const) {
    session = state;
    await clock.pass(10_000);
    source.say(state);
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(state);
  }
  session = 'over';
  const last = reader.read();
  await clock.pass(10_000);
  expect((await last).done).toBe(true);
  expect(source.cancelled()).toBe(true);
});

test('what the page leaves ends at its source; other answers are left as they are', async () => {
  const clock = createManualClock(0);
  const source = news();
  await endingWith(source.response, async () => true, clock).body!.cancel();
  expect(source.cancelled()).toBe(true);
  const plain = Response.json({});
  expect(endingWith(plain, async () => false, clock)).toBe(plain);
});
