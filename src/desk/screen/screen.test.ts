/** Verdicts on rows as the product writes them, of what cannot be brought about cheaply: our own store or hashing in trouble, a wrong code. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '#context/migrations.ts';
import { createOutageNotes, noteSignIns, type SignInSeen } from '#directory/index.ts';
import { addAccount } from '#directory/testing.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { screenOf } from './screen.ts';

let fixture: TestStore;
beforeAll(async () => {
  fixture = await openTestStore(migrations);
});
afterAll(() => fixture.close());

const MINUTE = 60_000;

async function caller() {
  const { store } = fixture;
  await sql`truncate outage_seen`.execute(store.db());
  const id = await addAccount(store, { authority: 'ours' });
  return {
    id,
    came: (minutesAgo: number, over: Partial<SignInSeen>) => {
      const at = new Date(Date.now() - minutesAgo * MINUTE);
      return noteSignIns(store, [{ accountId: id, protocol: 'imap', network: '192.0.2.7', device: 'iPhone Mail 22', outcome: 'accepted', means: 'password', reason: '', firstAt: at, lastAt: at, times: 1, ...over }]);
    },
    verdict: async () => (await screenOf(store, id))!.verdict,
  };
}

test.each(['store', 'overload'] as const)('our own trouble (%s) blames no password, and is over once we judge again', async (reason) => {
  const { came, verdict } = await caller();
  await came(200, {});
  await came(10, { outcome: 'waiting', means: 'none', reason });
  expect(await verdict()).toMatchObject({ rule: 'our-trouble', line: expect.stringMatching(/could not judge the password since .*; that says nothing of the password\.$/) });
  const outages = createOutageNotes(fixture.store, fixture.store.clock);
  outages.worked('ours', 'check');
  await outages.close();
  expect(await verdict()).toMatchObject({ rule: 'outage-over', line: expect.stringContaining('our own sign-in did not work; that works again') });
});

test('a wrong code after the right password, until one is right', async () => {
  const { came, verdict } = await caller();
  const browser = { protocol: 'webmail', device: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' } as const;
  await came(5, { ...browser, outcome: 'code-asked' });
  await came(4, { ...browser, outcome: 'rejected', means: 'none', reason: 'code', times: 3 });
  await came(3, { ...browser, outcome: 'code-asked' });
  expect(await verdict()).toMatchObject({ rule: 'code-wrong', line: expect.stringMatching(/^The password is right, but the code of the second step was not: 3 tries since/) });
  await came(1, { ...browser, means: 'code' });
  expect((await verdict()).rule).toBe('all-well');
});
