import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { WholeMessage } from '#imap/commands/append.ts';
import { refusal } from '#imap/refusal.ts';
import { judge } from './failure.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';
import type { Place } from './ledger.ts';
import { createSender } from './sender.ts';
import type { Visit } from './visit.ts';

const place = { mailbox: 'INBOX', targetMailbox: 'INBOX', targetUidValidity: 7 } as Place;

const listed = (uid: number): Listed => ({ uid, flags: [], internalDate: 0, internalDateText: '', size: 1 });

/** A target that takes all of a batch or nothing, and nothing that `refuses` says. */
function targetOf(capabilities: string[], refuses: (text: string) => string | undefined = () => undefined) {
  const commands: string[][] = [];
  const kept: string[] = [];
  const target = {
    capabilities: new Set(capabilities),
    async appendMany(_mailbox: string, messages: readonly WholeMessage[]) {
      const texts = messages.map(({ bytes }) => String(bytes));
      commands.push(texts);
      await new Promise(setImmediate);
      const no = texts.map(refuses).find((words) => words !== undefined);
      if (no !== undefined) throw refusal('refused', 'APPEND', { status: 'NO', text: no });
      kept.push(...texts);
      return { uidValidity: 7, uids: texts.map((_, at) => kept.length - texts.length + at + 1) };
    },
  };
  return { commands, kept, target };
}

async function send(target: object, texts: string[], attempt = 0): Promise<{ rows: LedgerRow[]; error: unknown }> {
  const rows: LedgerRow[] = [];
  const sender = createSender({ target, move: { attempt } } as Visit, place, (more) => void rows.push(...more));
  let error: unknown;
  try {
    for (const [at, text] of texts.entries()) await sender.take(listed(at + 1), Buffer.from(text));
  } catch (thrown) {
    error = thrown;
  }
  await sender.done().catch((thrown: unknown) => (error = thrown));
  return { rows, error };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `message ${n + 1}`);

test('small messages go in batches, in order, and each row has the UID that its message got', async () => {
  const { target, commands, kept } = targetOf(['MULTIAPPEND']);
  const { rows, error } = await send(target, names(250));
  expect(error).toBeUndefined();
  expect(commands.map(({ length }) => length)).toEqual([100, 100, 50]);
  expect(kept).toEqual(names(250));
  for (const row of rows) {
    expect(kept[row.targetUid - 1]).toBe(`message ${row.sourceUid}`);
    expect(row.fingerprint).toEqual(hash('sha256', kept[row.targetUid - 1]!, 'buffer'));
  }
  expect(rows).toHaveLength(250);
});

test('a batch is bounded in bytes; without MULTIAPPEND it is one message', async () => {
  const { target, commands } = targetOf(['MULTIAPPEND']);
  await send(target, Array.from({ length: 20 }, () => 'x'.repeat(100_000)));
  expect(Math.max(...commands.map(({ length }) => length))).toBe(6);
  const plain = targetOf([]);
  await send(plain.target, names(3));
  expect(plain.commands).toEqual([['message 1'], ['message 2'], ['message 3']]);
});

test('after attempts without progress batches are smaller', async () => {
  const { target, commands } = targetOf(['MULTIAPPEND']);
  await send(target, names(100), 3);
  expect(commands.map(({ length }) => length)).toEqual([13, 13, 13, 13, 13, 13, 13, 9]);
});

test('of a refused batch all are kept but the one that the target refuses, which is named', async () => {
  const { target, kept } = targetOf(['MULTIAPPEND'], (text) => (text === 'message 37' ? 'message contains NUL' : undefined));
  const { rows, error } = await send(target, names(100));
  expect(kept.toSorted()).toEqual(names(100).filter((text) => text !== 'message 37').toSorted());
  expect(rows).toHaveLength(99);
  expect(judge(error)).toMatchObject({ kind: 'fail', failure: 'content', message: expect.stringMatching(/message 37 of "INBOX"/) });
});

test('a target that asks to try later is not asked again by halves', async () => {
  const target = {
    capabilities: new Set(['MULTIAPPEND']),
    calls: 0,
    async appendMany(): Promise<never> {
      this.calls += 1;
      throw refusal('refused', 'APPEND', { status: 'NO', code: { name: 'THROTTLED', tokens: [] }, text: 'slow down' });
    },
  };
  const { rows, error } = await send(target, names(50));
  expect(rows).toEqual([]);
  expect(target.calls).toBe(1);
  expect(judge(error)).toMatchObject({ kind: 'again', failure: 'unavailable' });
});
