import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference, isEmpty } from './difference.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';

const message = (uid: number, flags: string[] = [], internalDate = 1_000, size = 10): Listed => ({
  uid,
  flags,
  internalDate,
  internalDateText: '',
  size,
});

const row = (sourceUid: number, targetUid: number, more: Partial<LedgerRow> = {}): LedgerRow => ({
  sourceUid,
  targetUid,
  fingerprint: Buffer.alloc(32),
  internalDate: 1_000,
  internalDateText: '',
  flags: [],
  size: 10,
  targetSize: 10,
  readBack: true,
  ...more,
});

test('equal sides leave nothing to do; flags are compared without case and order', () => {
  const d = difference([message(1, ['\\Seen', '$Work'])], [message(7, ['$work', '\\seen'])], [row(1, 7)]);
  expect(isEmpty(d)).toBe(true);
});

test('each kind of difference is found', () => {
  const source = [message(5), message(1), message(2, ['\\Flagged']), message(3), message(4, [], 2_000)];
  const target = [message(12), message(13), message(14), message(99), message(16, [], 1_000, 11)];
  const ledger = [row(2, 12), row(9, 13), row(4, 14), row(3, 15), row(5, 16)];
  const d = difference(source, target, ledger);
  expect(d.fresh.map(({ uid }) => uid)).toEqual([1, 3]);
  expect(d.orphans.map(({ uid }) => uid)).toEqual([99]);
  expect(d.vanished.map(({ sourceUid }) => sourceUid)).toEqual([9]);
  expect(d.lost.map(({ sourceUid }) => sourceUid)).toEqual([3]);
  expect(d.flags).toEqual([{ row: ledger[0], flags: ['\\Flagged'] }]);
  expect(d.misdated).toEqual([ledger[2]]);
  // Its size changed since it was read back.
  expect(d.unread.map((u) => u.row.sourceUid)).toEqual([5]);
});

test('every message is in one pair, or fresh, or an orphan', () => {
  const uids = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(uids, uids, uids, (sources, targets, pairs) => {
      const d = difference(sources.map((uid) => message(uid)), targets.map((uid) => message(uid + 100)), pairs.map((uid) => row(uid, uid + 100)));
      const gone = new Set([...d.vanished, ...d.lost].map(({ sourceUid }) => sourceUid));
      const kept = pairs.filter((uid) => !gone.has(uid));
      expect([...kept, ...d.fresh.map(({ uid }) => uid)].sort()).toEqual([...sources].sort());
      const expunged = d.vanished.map(({ targetUid }) => targetUid - 100);
      expect([...kept, ...expunged, ...d.orphans.map(({ uid }) => uid - 100)].sort()).toEqual([...targets].sort());
    }),
  );
});
