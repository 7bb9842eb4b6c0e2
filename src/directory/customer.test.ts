import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestStore } from '#store/testing.ts';
import { checkedCustomer, readCustomer, setCustomer } from './customer.ts';
import { addAccount, openDirectoryStore } from './testing.ts';

let fixture: TestStore;
beforeAll(async () => {
  fixture = await openDirectoryStore();
});
afterAll(() => fixture.close());

const set = (id: number, customer: Parameters<typeof checkedCustomer>[0]) => fixture.store.transaction((tx) => setCustomer(tx, id, checkedCustomer(customer), { actor: 'test' }));

test('a customer is kept as checked, and what is so already changes nothing', async () => {
  const id = await addAccount(fixture.store);
  expect(await readCustomer(fixture.store, id)).toBeUndefined();
  expect(await set(id, { name: ' Zoë Núñez ', number: 'K-1007', phones: ['+49 (171) 555-0101', '0171/555 0101', '+491715550101'] })).toBe(true);
  expect(await readCustomer(fixture.store, id)).toEqual({ name: 'Zoë Núñez', number: 'K-1007', phones: ['+491715550101', '01715550101'] });
  expect(await set(id, { name: 'Zoë Núñez', number: 'K-1007', phones: ['+491715550101', '01715550101'] })).toBe(false);
  expect(await set(id, { phones: [] })).toBe(true);
  expect(await readCustomer(fixture.store, id)).toEqual({ name: '', number: '', phones: [] });
});

test.each([
  [{ phones: ['call me'] }, /digits/],
  [{ phones: ['12'] }, /3 to 25/],
  [{ phones: Array.from({ length: 11 }, (_, n) => `55501${n + 10}`) }, /more than 10/],
  [{ name: 'two\nlines' }, /one line/],
  [{ number: 'x'.repeat(51) }, /at most 50/],
])('%o is refused', (customer, why) => {
  expect(() => checkedCustomer(customer)).toThrow(why);
});
