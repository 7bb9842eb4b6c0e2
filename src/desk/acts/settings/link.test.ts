import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSettingsLinks } from './link.ts';

test('a link serves for an hour, for the address it was made for, at who has the key', () => {
  let now = 1_000;
  const key = randomBytes(32);
  const links = createSettingsLinks({ key, pages: 'https://password.isp.example', now: () => now });
  const { url, expiresAt } = links.make('jane@isp.example');
  expect(url).toMatch(/^https:\/\/password\.isp\.example\/settings\/[\w-]+$/);
  // Short enough for a code that a phone reads from a screen.
  expect(url.length).toBeLessThan(300);
  expect(Buffer.from(url.split('/').at(-1)!, 'base64url').toString('latin1')).not.toContain('jane');
  const token = url.split('/').at(-1)!;
  expect(links.open(token)).toEqual({ address: 'jane@isp.example' });
  expect(createSettingsLinks({ key, pages: 'https://elsewhere.example', now: () => now }).open(token)).toBeDefined();
  expect(createSettingsLinks({ key: randomBytes(32), pages: '', now: () => now }).open(token)).toBeUndefined();
  const changed = Buffer.from(token, 'base64url');
  changed[20]! ^= 1;
  for (const wrong of ['', 'x', changed.toString('base64url'), token.slice(0, -4), 'A'.repeat(10_000)]) expect(links.open(wrong)).toBeUndefined();
  now = expiresAt - 1;
  expect(links.open(token)).toBeDefined();
  now = expiresAt;
  expect(links.open(token)).toBeUndefined();
});
