/** The journal of the known good on a real file system, with crashes: the files as they are at a moment, read by another life. */
import fc from 'fast-check';
import { copyFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import { deriveKeys } from './digest.ts';
import { createKnownGood } from './known-good.ts';
import { startSnapshot } from './known-good-snapshot.ts';

const keys = deriveKeys(Buffer.alloc(32, 7));
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'known-good-journal-'))));
afterEach(() => rm(folder, { recursive: true }));

async function life(file: string, clock: ManualClock = createManualClock()) {
  const knownGood = createKnownGood(clock);
  const events: string[] = [];
  const snapshot = await startSnapshot({ file, keys, knownGood, clock, emit: (event) => void events.push(event.name) });
  return { knownGood, clock, events, close: () => snapshot.close(), knows: () => new Set([...knownGood.entries()].map(([digest]) => digest.trim())) };
}
type Life = Awaited<ReturnType<typeof life>>;

const digestOf = (name: string): string => name.padEnd(32);

/** Lets the clock pass until the files are as `isSo` wants them: the file system is not on the manual clock. */
async function until({ clock }: Life, isSo: () => Promise<boolean>): Promise<void> {
  for (let turns = 0; !(await isSo()); turns += 1) {
    if (turns === 5_000) throw new Error('it never came to be so');
    await clock.pass(1);
  }
}

/** What is on the disk at one moment, for a life after a crash: both files as they were together. */
let crashes = 0;
function crashed(file: string): string {
  const look = (): string => JSON.stringify(['', '.journal'].map((part) => statSync(`${file}${part}`, { throwIfNoEntry: false })), ['ino', 'size']);
  for (;;) {
    crashes += 1;
    const copy = `${file}.${crashes}`;
    const seen = look();
    for (const part of ['', '.journal']) {
      try {
        copyFileSync(`${file}${part}`, `${copy}${part}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    if (look() === seen) return copy;
  }
}

const sizeOf = async (file: string): Promise<number> => (await stat(file)).size;

describe('a crash before the first snapshot', () => {
  test('forgets nothing that was written: some milliseconds after it was learnt', async () => {
    const file = join(folder, 'known-good');
    const one = await life(file);
    const before = await sizeOf(`${file}.journal`);
    one.knownGood.checked(digestOf('a'));
    one.knownGood.checked(digestOf('b'));
    one.knownGood.end(digestOf('a'));
    const beganAt = one.clock.monotonic();
    await until(one, async () => (await sizeOf(`${file}.journal`)) > before);
    expect(one.clock.monotonic() - beganAt).toBeLessThan(1_000);
    expect((await readdir(folder)).sort()).toEqual(['known-good.journal']);
    const two = await life(crashed(file));
    expect(two.knows()).toEqual(new Set(['b']));
    expect(two.events).toContain('signin.journal-read');
    await Promise.all([one.close(), two.close()]);
  });

  test('and a second one, before anything new, neither', async () => {
    const file = join(folder, 'known-good');
    const one = await life(file);
    const before = await sizeOf(`${file}.journal`);
    one.knownGood.checked(digestOf('a'));
    await until(one, async () => (await sizeOf(`${file}.journal`)) > before);
    const again = crashed(file);
    const two = await life(again);
    const three = await life(crashed(again));
    expect(three.knows()).toEqual(new Set(['a']));
    await Promise.all([one.close(), two.close(), three.close()]);
  });

  test('which tore the last writing off forgets that one only', async () => {
    const file = join(folder, 'known-good');
    const one = await life(file);
    for (const name of ['a', 'b']) {
      const before = await sizeOf(`${file}.journal`);
      one.knownGood.checked(digestOf(name));
      await until(one, async () => (await sizeOf(`${file}.journal`)) > before);
    }
    const copy = crashed(file);
    await writeFile(`${copy}.journal`, (await readFile(`${copy}.journal`)).subarray(0, -1));
    const two = await life(copy);
    expect(two.knows()).toEqual(new Set(['a']));
    // And what it learns now is behind what was whole, not behind the torn end.
    two.knownGood.checked(digestOf('c'));
    await two.close();
    expect((await life(copy)).knows()).toEqual(new Set(['a', 'c']));
    await one.close();
  });
});

test('a snapshot takes the journal’s place, and what is learnt meanwhile stays in it', async () => {
  const file = join(folder, 'known-good');
  const one = await life(file);
  const empty = await sizeOf(`${file}.journal`);
  for (let n = 0; n < 500; n += 1) one.knownGood.checked(digestOf(`early ${n}`));
  await until(one, async () => (await sizeOf(`${file}.journal`)) > empty);
  await one.clock.pass(10_000);
  one.knownGood.checked(digestOf('late'));
  await until(one, async () => (await readdir(folder)).includes('known-good') && (await sizeOf(`${file}.journal`)) < empty + 500);
  await until(one, async () => (await life(crashed(file))).knows().has('late'));
  const two = await life(crashed(file));
  expect(two.knows().size).toBe(501);
  await one.close();
});

test('a disk that takes no journal costs no more than it', async () => {
  const one = await life(join(folder, 'absent', 'known-good'));
  one.knownGood.checked(digestOf('a'));
  expect(one.events).toContain('signin.journal-unwritten');
  await one.close();
});

test('a journal of another key, or torn at its beginning, counts as none, and that is said', async () => {
  const file = join(folder, 'known-good');
  for (const bytes of [Buffer.from('x'), Buffer.concat([Buffer.from('causeway known good journal 1\n'), Buffer.alloc(200)])]) {
    await writeFile(`${file}.journal`, bytes);
    const one = await life(file);
    expect(one.events).toContain('signin.snapshot-lost');
    expect(one.knows().size).toBe(0);
    one.knownGood.checked(digestOf('a'));
    await one.close();
    expect((await life(file)).knows()).toEqual(new Set(['a']));
    await rm(file);
  }
});

type Act = { act: 'check' | 'end'; name: string } | { act: 'pass'; ms: number } | { act: 'crash' };
const name = fc.constantFrom('a', 'b', 'c', 'd');
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constantFrom('check' as const, 'end' as const), name }) },
    { weight: 4, arbitrary: fc.record({ act: fc.constant('pass' as const), ms: fc.constantFrom(1, 7, 120, 11_000) }) },
    { weight: 1, arbitrary: fc.constant({ act: 'crash' as const }) },
  ),
  { maxLength: 40 },
);

test('after any acts and crashes a life knows a state that the one before it was in, and no older one than was written', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list: readonly Act[]) => {
      let file = join(await mkdtemp(join(folder, 'run-')), 'known-good');
      let present = await life(file);
      /** All the states since the last moment at which everything was surely written, the latest last. */
      let states = [present.knows()];
      for (const act of list) {
        if (act.act === 'check') present.knownGood.checked(digestOf(act.name));
        else if (act.act === 'end') present.knownGood.end(digestOf(act.name));
        else if (act.act === 'pass') await present.clock.pass(act.ms);
        else {
          const former = present;
          file = crashed(file);
          present = await life(file);
          expect(states).toContainEqual(present.knows());
          await former.close();
          states = [];
        }
        states.push(present.knows());
      }
      await present.close();
      expect((await life(file)).knows()).toEqual(states.at(-1));
    }),
    { numRuns: 60 },
  );
});
