import { afterAll, beforeAll, expect, test } from 'vitest';
import { openForChanges, readIn } from './at-box.ts';
import { type Harness, message, startHarness } from './harness.testing.ts';
import { arrange, surveyMailboxes } from './mailboxes.ts';

let mail: Harness;
beforeAll(async () => {
  mail = await startHarness({ INBOX: [{ bytes: message({ Subject: 'one' }), internalDateMs: 0 }], Other: [] });
});
afterAll(() => mail.close());

test('what came by another connection is seen by one that has the mailbox open', async () => {
  const [one, other] = [await mail.imap(), await mail.imap()];
  const { all } = arrange(await surveyMailboxes(one), mail.access.memory, {});
  const inbox = all.find(({ role }) => role === 'inbox');
  const aside = all.find(({ name }) => name === 'Other');
  if (inbox === undefined || aside === undefined) throw new Error('no mailboxes');
  const uids = (): Promise<number[] | undefined> => readIn(one, inbox, () => one.uidSearch({ key: 'all' }));
  expect(await uids()).toEqual([1]);
  expect(one.selected).toMatchObject({ mailbox: { raw: 'INBOX' }, readOnly: true });
  await other.appendMany('INBOX', [{ flags: [], internalDate: '', bytes: message({ Subject: 'two' }) }]);
  expect(await uids()).toEqual([1, 2]);
  expect(await openForChanges(one, inbox)).toBeDefined();
  expect(one.selected?.readOnly).toBe(false);
  await other.select('INBOX');
  await other.store('1', '+FLAGS', ['\\Deleted']);
  await other.expunge('1');
  expect(await uids()).toEqual([2]);
  // Another mailbox, or the same name made anew, is opened.
  expect(await readIn(one, aside, () => one.uidSearch({ key: 'all' }))).toEqual([]);
  expect(await readIn(one, { ...inbox, counts: { ...(inbox.counts as NonNullable<typeof inbox.counts>), uidValidity: 7 } }, () => one.uidSearch({ key: 'all' }))).toBeUndefined();
});
