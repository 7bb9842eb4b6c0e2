import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastReceipt } from '../read.ts';
import { receiptText, verifyReceipt } from '../hold/receipt.ts';
import { type Bench, mail, openBench } from '../testing.ts';
import { verifyAgainstReceipt } from './against-receipt.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('after a move all is as proven; new mail is no fault; what is lost, altered or deleted since is told', async () => {
  const address = 'ada@example.org';
  const account = await bench.account(address, { INBOX: [mail('one', { flags: ['\\Seen'] }), mail('two'), mail('two')], 'Archiv/2024': [mail('old')], Empty: [] });
  expect((await bench.drive(await bench.request(account))).state).toBe('moved');
  const receipt = verifyReceipt(receiptText((await lastReceipt(bench.store, account))!), bench.receiptKey.publicKeyPem);
  const look = async () => {
    const [source, target] = await Promise.all([bench.client('old', address), bench.client('new', address)]);
    const found = await verifyAgainstReceipt(source, target, receipt, { name: 5 });
    await Promise.all([source.logout(), target.logout()]);
    return found;
  };
  const well = await look();
  expect(well).toMatchObject({ well: true, comparison: { equal: true } });
  expect(well.kept).toHaveLength(6);

  const client = await bench.client('new', address);
  const bytes = Buffer.from('Subject: new\r\n\r\nnew\r\n');
  await client.append('INBOX', { flags: [], internalDate: '01-Jan-2024 00:00:00 +0000', size: bytes.length }, (async function* () { yield bytes; })());
  await client.create('Made since');
  await client.append('Made since', { flags: [], internalDate: '01-Jan-2024 00:00:00 +0000', size: bytes.length }, (async function* () { yield bytes; })());
  const later = await look();
  expect(later.well).toBe(true);
  expect(later.kept.find(({ side, mailbox }) => side === 'target' && mailbox === 'INBOX')).toMatchObject({ state: 'as-proven', proven: 3, found: 3, since: 1 });

  await client.select('INBOX');
  await client.store('2', '+FLAGS', ['\\Deleted']);
  await client.expunge('2');
  await client.store('1', '+FLAGS', ['\\Flagged']);
  await client.logout();
  const deleted = await look();
  expect(deleted).toMatchObject({ well: false, comparison: { differences: { missing: 1, surplus: 0, flags: 1 } } });
  expect(deleted.kept.filter(({ state }) => state !== 'as-proven')).toEqual([{ side: 'target', mailbox: 'INBOX', state: 'changed', proven: 3, found: 2, since: 1 }]);
});
