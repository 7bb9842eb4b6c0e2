import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { BEAT_MS, type Beat } from './beat.ts';
import { type Child, createChildren } from './children.ts';

const folder = mkdtempSync(join(tmpdir(), 'context-children-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Says what it is told to, and then nothing more. */
const script = join(folder, 'silent.mjs');
writeFileSync(script, 'process.on("message", (sign) => process.send(sign)); setInterval(() => {}, 60_000);');

/** A worker that gave `sign` at its last, and how long it was let live without another. */
async function silentAfter(sign: Beat): Promise<{ livedMs: number }> {
  const clock = createManualClock();
  const said: { event: string }[] = [];
  const children = createChildren({ clock, emit: ({ name }) => void said.push({ event: name }), onChange: () => {}, compiled: join(folder, 'compiled') });
  const started = Promise.withResolvers<Child>();
  children.start('gateway', script, [], started.resolve, () => {});
  const { process } = await started.promise;
  process.send(sign);
  await once(process, 'message');
  const gone = once(process, 'exit');
  let livedMs = 0;
  for (; !process.killed; livedMs += BEAT_MS) await clock.pass(BEAT_MS);
  await gone;
  expect(said).toContainEqual({ event: 'serve.worker-killed-for-silence' });
  await children.stop();
  return { livedMs };
}

test('a worker that stands still between its beats is killed within seconds; one that is writing its last gets half a minute', async () => {
  expect(await silentAfter({ t: 'beat' })).toEqual({ livedMs: 5_000 });
  expect(await silentAfter({ t: 'beat', last: true })).toEqual({ livedMs: 30_000 });
});
