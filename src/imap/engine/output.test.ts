/** What still goes out of a process after it was stopped: a socket that holds back what it was given, until it is let. */
import { Writable } from 'node:stream';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createOutput, type Job, type Output } from './output.ts';

/** A socket whose kernel takes nothing until `take`, and a fence before it. */
function heldSocket() {
  const held: { readonly pieces: readonly Buffer[]; readonly taken: () => void }[] = [];
  const went: Buffer[] = [];
  const socket = new Writable({
    writev(chunks, taken) {
      held.push({ pieces: chunks.map(({ chunk }) => chunk as Buffer), taken });
    },
  }) as Socket;
  let mine = true;
  let failure: unknown;
  const output: Output = createOutput({
    socket,
    mayFollow: () => true,
    beforeWrite() {
      if (!mine) throw new Error('no longer the owner');
    },
    onProgress() {},
    onFailure: (error) => (failure = error),
  });
  socket.on('drain', () => output.onDrain());
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  };
  return {
    output,
    lose: () => (mine = false),
    failure: () => failure,
    /** All that was written, and all that is written as soon as that is gone. */
    async take(): Promise<string> {
      await turns();
      for (let next = held.shift(); next !== undefined; next = held.shift()) {
        went.push(Buffer.concat(next.pieces));
        next.taken();
        await turns();
      }
      return Buffer.concat(went).toString();
    },
    turns,
  };
}

const job = (tag: string, changes: boolean, ...parts: Job['parts']): Job => ({ tag, parts: [`${tag} `, ...parts], changes, onStart() {}, onWritten() {}, onAbandoned() {} });
const MESSAGE = Buffer.from('From: a\r\n\r\nsmall\r\n');

test.each([
  ['of a command that changes anything stays', true, false],
  ['would have gone out with the rest', false, true],
])('stopped with a command in the socket: when another has taken over, its end %s', async (_, changes, isWhole) => {
  const { output, lose, take, turns, failure } = heldSocket();
  output.send(job('A1', changes, 'APPEND a () ', MESSAGE));
  await turns();
  lose();
  const went = await take();
  expect(went).toContain(MESSAGE.toString());
  expect(went.endsWith(`${MESSAGE}\r\n`)).toBe(isWhole);
  expect(failure()).toEqual(changes ? new Error('no longer the owner') : undefined);
});

test('the end goes with what follows, once all before it is gone; what only reads waits for nothing', async () => {
  const { output, take, turns } = heldSocket();
  const written: string[] = [];
  for (const [tag, changes] of [['A1', true], ['A2', false], ['A3', true]] as const) {
    output.send({ ...job(tag, changes, 'X'), onWritten: () => void written.push(tag) });
  }
  await turns();
  expect(written).toEqual([]);
  expect(await take()).toBe('A1 X\r\nA2 X\r\nA3 X\r\n');
  expect(written).toEqual(['A1', 'A2', 'A3']);
});

test('a socket that fails with a command in it ends the wait', async () => {
  const { output, turns, failure } = heldSocket();
  output.send(job('A1', true, 'APPEND a () ', MESSAGE));
  await turns();
  const gone = new Error('the connection failed');
  output.fail(gone as never);
  await turns();
  expect(failure()).toBe(gone);
});

test('a body may write its memory anew when it is asked for more', async () => {
  const { output, take } = heldSocket();
  const sizes = [100, 70_000, 10, 64 * 1024, 100_000, 1];
  const letters = [...'abcdef'];
  const memory = Buffer.alloc(100_000);
  const body = async function* () {
    for (const [n, size] of sizes.entries()) yield memory.subarray(0, size).fill(letters[n]!);
    memory.fill('?');
  };
  output.send(job('A1', true, 'APPEND a () ', { size: sizes.reduce((sum, size) => sum + size), body: body() }));
  const text = sizes.map((size, n) => letters[n]!.repeat(size)).join('');
  expect((await take()) === `A1 APPEND a () {${text.length}+}\r\n${text}\r\n`).toBe(true);
});
