import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkedCustomer, createAccounts, setCustomer } from '#directory/index.ts';
import { addLoginName } from '#directory/naming.ts';
import { addAccount, openDirectoryStore } from '#directory/testing.ts';
import type { TestStore } from '#store/testing.ts';
import { openPeople, type People } from './people.ts';

let fixture: TestStore;
let people: People;
beforeAll(async () => {
  fixture = await openDirectoryStore();
  await addAccount(fixture.store, { address: 'early@isp.example' });
  people = openPeople(fixture.store);
  await people.read;
});
afterAll(async () => {
  await people.close();
  await fixture.close();
});

/** The feed waits for older transactions, of which a busy machine has some. */
const soon = (holds: () => void): Promise<void> => vi.waitFor(holds, { timeout: 60_000, interval: 20 });

const found = (query: string): string[] => people.find(query).accounts.map(({ address }) => address);

test('who was there is found at once, who comes and who changes a moment later', async () => {
  expect(found('early')).toEqual(['early@isp.example']);
  const id = await addAccount(fixture.store, { address: 'late@isp.example' });
  await soon(() => expect(found('late')).toEqual(['late@isp.example']));
  await fixture.store.transaction((tx) => setCustomer(tx, id, checkedCustomer({ name: 'Otto Spät', phones: ['0171 555'] }), { actor: 'test' }));
  await soon(() => expect(found('spat otto')).toEqual(['late@isp.example']));
  await fixture.store.transaction((tx) => addLoginName(tx, id, 'otto99', { by: { actor: 'test' }, facts: { names: ['old'], opens: new Set(), told: new Map() } }));
  await soon(() => expect(people.find('otto99').accounts[0]?.by).toEqual({ what: 'login name', text: 'otto99' }));
});

test('an import is found', async () => {
  await fixture.store.transaction((tx) => createAccounts(tx, [1, 2, 3].map((n) => ({ address: `imported${n}@isp.example`, home: 'old', authority: 'old', customer: { name: 'Family Ix', number: `X${n}`, phones: [] } })), { actor: 'test' }));
  await soon(() => expect(found('family ix')).toHaveLength(3));
});
