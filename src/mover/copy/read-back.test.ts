/** What is taken away when a copy is not what the source holds, and what is not. */
import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FetchBodiesOptions } from '#imap/commands/fetch-bodies.ts';
import type { Unread } from '../lists/difference.ts';
import { judge } from '../failure.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { Place } from '../ledger/ledger.ts';
import { readBack } from './read-back.ts';
import type { Visit } from '../visit.ts';

const place = { mailbox: 'INBOX', targetMailbox: 'INBOX' } as Place;

/** 1,100 copies, of which these are altered: in two pieces. */
async function read(altered: readonly number[], kind: Partial<Visit>, toTheEnd: boolean, known = false): Promise<{ expunged: string[]; error: unknown; asked: number }> {
  const expunged: string[] = [];
  let asked = 0;
  const target = {
    selected: { mailbox: 'INBOX' },
    capabilities: new Set(['UIDPLUS']),
    async fetchBodies(uids: string, _: unknown, { whole }: FetchBodiesOptions) {
      asked += 1;
      const [from, to = from] = uids.split(':').map(Number) as [number, number?];
      for (let uid = from; uid <= to; uid += 1) await whole?.take(uid, Buffer.from(altered.includes(uid) ? 'altered' : `text ${uid}`));
    },
    async store() {},
    expunge: async (uids: string) => void expunged.push(uids),
  };
  const unread: Unread[] = Array.from({ length: 1_100 }, (_, n) => ({
    row: { sourceUid: n + 1, targetUid: n + 1, fingerprint: hash('sha256', `text ${n + 1}`, 'buffer'), size: 8, readBack: known } as LedgerRow,
    targetSize: 8,
  }));
  const visit = { target, move: { id: 1, account_id: 1, read_back: 'all' }, additive: false, returning: false, spent: () => false, progressed() {}, emit() {}, claim: { transaction: async () => {} }, ...kind };
  const error = await readBack(visit as unknown as Visit, place, unread, toTheEnd).catch((thrown: unknown) => thrown);
  return { expunged, error, asked };
}

test('all altered copies of a mailbox are taken away where nobody waits; in a hold what was found so far', async () => {
  const all = await read([3, 7, 1_050], {}, true);
  expect(all).toMatchObject({ expunged: ['3,7,1050'], asked: 2 });
  expect(judge(all.error)).toMatchObject({ kind: 'fail', failure: 'mismatch', message: expect.stringMatching(/message 3 of "INBOX".*2 more/) });
  expect(await read([3, 7, 1_050], {}, false)).toMatchObject({ expunged: ['3,7'], asked: 1 });
  expect(await read([], {}, true)).toMatchObject({ expunged: [], error: true, asked: 2 });
});

test('what may be the account\'s own stays: beside its home, and where it lived before and the copy was known', async () => {
  for (const kind of [{ additive: true }, { returning: true }]) {
    const { expunged, error } = await read([3], kind, true, true);
    expect(expunged).toEqual([]);
    expect(judge(error)).toMatchObject({ failure: 'mismatch' });
  }
  // One that was made now is ours also there.
  expect(await read([3], { returning: true }, true)).toMatchObject({ expunged: ['3'] });
});
