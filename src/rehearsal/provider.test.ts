import { expect, test } from 'vitest';
import { makeProvider } from './provider.ts';

test('every message of the data set is somewhere, duplicates come on top, and one has 2,000', () => {
  const provider = makeProvider(7, 280, 6_046);
  const files = provider.customers.flatMap((c) => c.mailboxes.flatMap((m) => m.messages.map((message) => message.file)));
  expect(new Set(files).size).toBe(6_046);
  expect(files.length).toBe(provider.messages);
  expect(files.length).toBeGreaterThan(6_046);
  const largest = Math.max(...provider.customers.map((c) => new Set(c.mailboxes.flatMap((m) => m.messages.map((x) => x.file))).size));
  expect(largest).toBe(2_000);
  expect(new Set(provider.customers.map((c) => c.address)).size).toBe(280);
});

test('a seed is a provider', () => {
  expect(makeProvider(3, 28, 500)).toEqual(makeProvider(3, 28, 500));
  expect(makeProvider(3, 28, 500)).not.toEqual(makeProvider(4, 28, 500));
});

test('all kinds of customers and mailboxes are there', () => {
  const { customers } = makeProvider(1, 280, 6_046);
  expect(new Set(customers.map((c) => `${c.authority} ${c.scheme}`))).toEqual(
    new Set(['ours ARGON2ID', 'ours SHA512-CRYPT', 'old ARGON2ID', 'old SHA512-CRYPT', 'old none']),
  );
  expect(customers.some((c) => c.mailboxes.some((m) => m.messages.length === 0))).toBe(true);
  expect(customers.some((c) => c.mailboxes.some((m) => m.name.startsWith('日本語')))).toBe(true);
});
