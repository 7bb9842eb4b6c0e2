import { expect, test } from 'vitest';
import { createAddressLimit } from './address-limit.ts';

test('serves up to the limit, tells a few, closes the rest, and forgets who left', () => {
  const limit = createAddressLimit({ perAddress: 2 });
  const entries = Array.from({ length: 8 }, () => limit.enter('192.0.2.7'));
  expect(entries.map((entry) => entry.standing)).toEqual(['served', 'served', 'told', 'told', 'told', 'told', 'closed', 'closed']);
  expect(limit.enter('192.0.2.8').standing).toBe('served');
  entries[0]?.leave();
  entries[0]?.leave(); // only once
  expect([limit.enter('192.0.2.7').standing, limit.enter('192.0.2.7').standing]).toEqual(['served', 'closed']);
  entries[2]?.leave();
  expect(limit.enter('192.0.2.7').standing).toBe('told');
});

test('counts a home, not each of its addresses', () => {
  const limit = createAddressLimit({ perAddress: 1 });
  expect(limit.enter('2001:db8:0:1200::1').standing).toBe('served');
  expect(limit.enter('2001:db8:0:12ff::2').standing).toBe('told');
  expect(limit.enter('2001:db8:0:1300::1').standing).toBe('served');
});

test('exempt networks are not counted', () => {
  const limit = createAddressLimit({ perAddress: 1, exempt: ['192.0.2.0/24'] });
  expect([1, 2, 3].map(() => limit.enter('192.0.2.7').standing)).toEqual(['served', 'served', 'served']);
});
