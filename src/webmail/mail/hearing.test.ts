import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImapConnection } from '#imap/connection.ts';
import { LIMITS } from '../jmap/limits.ts';
import { readIn } from './at-box.ts';
import { createMailContext, type MailContext } from './context.ts';
import { type Harness, message, startHarness } from './harness.testing.ts';

let mail: Harness;
beforeAll(async () => {
  mail = await startHarness({ INBOX: [{ bytes: message({ Subject: 'one' }), internalDateMs: 0 }] });
});
afterAll(() => mail.close());

/** A request whose pieces of work go over the connection that `give` names. */
async function world(): Promise<{ one: ImapConnection; other: ImapConnection; noops: string[]; give: { next: ImapConnection }; begin: () => MailContext }> {
  const [one, other] = [await mail.imap(), await mail.imap()];
  const noops: string[] = [];
  for (const [name, connection] of Object.entries({ one, other })) {
    const { noop } = connection;
    connection.noop = () => (noops.push(name), noop());
    await connection.examine({ raw: 'INBOX' });
  }
  const give = { next: one };
  return { one, other, noops, give, begin: () => createMailContext({ ...mail.access, imap: (work) => work(give.next) }, LIMITS, () => {}) };
}

async function uids(context: MailContext): Promise<number[] | undefined> {
  const { all } = await context.mailboxes();
  const inbox = all.find(({ role }) => role === 'inbox')!;
  return context.access.imap((connection) => readIn(connection, inbox, () => connection.uidSearch({ key: 'all' })));
}

test('a request hears the news once, as long as all of it goes over one connection', async () => {
  const { one, other, noops, give, begin } = await world();
  const first = begin();
  expect([await uids(first), await uids(first)]).toEqual([[1], [1]]);
  expect(noops).toEqual(['one']);

  // The next request hears them anew, whatever was heard before it.
  await other.appendMany('INBOX', [{ flags: [], internalDate: '', bytes: message({ Subject: 'two' }) }]);
  noops.length = 0;
  const second = begin();
  expect(await uids(second)).toEqual([1, 2]);
  expect(noops).toEqual(['one']);

  // A piece that goes over another connection may know more, and so may what comes after it.
  give.next = other;
  await uids(second);
  give.next = one;
  await uids(second);
  expect(noops).toEqual(['one', 'other', 'one']);

  // What this request changed is read again, and so is heard.
  noops.length = 0;
  second.changed();
  await uids(second);
  expect(noops).toEqual(['one']);
});
