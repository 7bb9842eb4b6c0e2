import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference as differenceOf, isEmpty } from './difference.ts';
import type { Difference } from './difference.ts';
import { flagsKey } from '../ledger/ledger-row.ts';
import type { LedgerRow, Listed } from '../ledger/ledger-row.ts';
import { listsOf } from './lists.testing.ts';

const difference = (...of: Parameters<typeof listsOf>): Difference => differenceOf(listsOf(...of));

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
  expect(Array.from(d.fresh, ({ uid }) => uid)).toEqual([1, 3]);
  expect(Array.from(d.orphans, ({ uid }) => uid)).toEqual([99]);
  expect(Array.from(d.vanished, ({ sourceUid }) => sourceUid)).toEqual([9]);
  expect(Array.from(d.lost, ({ sourceUid }) => sourceUid)).toEqual([3]);
  expect(d.flags).toEqual([{ sourceUid: 2, targetUid: 12, flags: ['\\Flagged'] }]);
  expect([...d.misdated].map(({ sourceUid }) => sourceUid)).toEqual([4]);
  // Its size changed since it was read back.
  expect(Array.from(d.unread, (u) => u.row.sourceUid)).toEqual([5]);
});

test('every message is in one pair, or fresh, or an orphan', () => {
  const uids = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(uids, uids, uids, (sources, targets, pairs) => {
      const d = difference(sources.map((uid) => message(uid)), targets.map((uid) => message(uid + 100)), pairs.map((uid) => row(uid, uid + 100)));
      const gone = new Set([...d.vanished, ...d.lost].map(({ sourceUid }) => sourceUid));
      const kept = pairs.filter((uid) => !gone.has(uid));
      expect([...kept, ...Array.from(d.fresh, ({ uid }) => uid)].sort()).toEqual([...sources].sort());
      const expunged = Array.from(d.vanished, ({ targetUid }) => targetUid - 100);
      expect([...kept, ...expunged, ...Array.from(d.orphans, ({ uid }) => uid - 100)].sort()).toEqual([...targets].sort());
    }),
  );
});

/** As the words say, by maps of objects. */
function naive(source: readonly Listed[], target: readonly Listed[], ledger: readonly LedgerRow[]) {
  const original = (each: LedgerRow) => source.find(({ uid }) => uid === each.sourceUid);
  const copy = (each: LedgerRow) => target.find(({ uid }) => uid === each.targetUid);
  const pairs = ledger.filter((each) => original(each) !== undefined && copy(each) !== undefined);
  const uids = (rows: readonly LedgerRow[]): number[] => rows.map(({ sourceUid }) => sourceUid).sort();
  return {
    fresh: source.filter(({ uid }) => !pairs.some(({ sourceUid }) => sourceUid === uid)).map(({ uid }) => uid).sort(),
    orphans: target.filter(({ uid }) => !ledger.some(({ targetUid }) => targetUid === uid)).map(({ uid }) => uid).sort(),
    vanished: uids(ledger.filter((each) => original(each) === undefined && copy(each) !== undefined)),
    lost: uids(ledger.filter((each) => copy(each) === undefined)),
    flags: uids(pairs.filter((each) => flagsKey(original(each)!.flags) !== flagsKey(copy(each)!.flags))),
    misdated: uids(pairs.filter((each) => original(each)!.internalDate !== copy(each)!.internalDate)),
    unread: uids(pairs.filter((each) => !each.readBack || each.targetSize !== copy(each)!.size)),
  };
}

test('over columns it is what it is over objects, whatever the order of UIDs on either side', () => {
  const flags = fc.constantFrom<string[][]>([], ['\\Seen'], ['\\seen'], ['a', 'B'], ['b', 'A']);
  const side = fc.uniqueArray(fc.record({ uid: fc.integer({ min: 1, max: 12 }), flags, date: fc.integer({ min: 0, max: 1 }), size: fc.integer({ min: 1, max: 2 }) }), { selector: ({ uid }) => uid });
  const rows = fc
    .uniqueArray(fc.record({ sourceUid: fc.integer({ min: 1, max: 12 }), targetUid: fc.integer({ min: 1, max: 12 }), targetSize: fc.constantFrom(null, 1, 2), readBack: fc.boolean() }), { selector: ({ sourceUid }) => sourceUid })
    .map((all) => all.filter(({ targetUid }, at) => all.findIndex((each) => each.targetUid === targetUid) === at));
  fc.assert(
    fc.property(side, side, rows, (sources, targets, pairs) => {
      const [source, target] = [sources, targets].map((all) => all.map((each) => message(each.uid, each.flags, each.date, each.size)));
      const ledger = pairs.map(({ sourceUid, targetUid, ...more }) => row(sourceUid, targetUid, more));
      const d = difference(source!, target!, ledger);
      const uids = (all: Iterable<{ readonly sourceUid: number }>): number[] => Array.from(all, ({ sourceUid }) => sourceUid).sort();
      expect({
        fresh: Array.from(d.fresh, ({ uid }) => uid).sort(),
        orphans: Array.from(d.orphans, ({ uid }) => uid).sort(),
        vanished: uids(d.vanished),
        lost: uids(d.lost),
        flags: uids(d.flags),
        misdated: uids(d.misdated),
        unread: uids(Array.from(d.unread, (each) => each.row)),
      }).toEqual(naive(source!, target!, ledger));
      const copies = Array.from(d.unread, (each) => each.row.targetUid);
      expect(copies).toEqual(copies.toSorted((a, b) => a - b));
    }),
  );
});
