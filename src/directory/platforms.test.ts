import { expect, test } from 'vitest';
import { createSecret } from '#config/index.ts';
import type { PlatformConfig } from '#config/index.ts';
import { loginFor, refuseForeignNames } from './platforms.ts';

const secret = createSecret('s3');
const trusted = { kind: 'trusted', port: 14303, secret } as const;
const separator = { kind: 'master', user: 'causeway', style: 'separator', separator: '*', secret } as const;
const authzid = { ...separator, style: 'authzid', port: 144 } as const;
const replay = { kind: 'replay' } as const;

test('each entrance has its own credentials', () => {
  expect(loginFor(trusted, 'a@b.c')).toEqual({ login: { user: 'a@b.c', password: 's3' }, port: 14303 });
  expect(loginFor(separator, 'a@b.c')).toEqual({ login: { user: 'a@b.c*causeway', password: 's3' } });
  expect(loginFor(authzid, 'a@b.c')).toEqual({ login: { user: 'causeway', password: 's3', authzid: 'a@b.c' }, port: 144 });
  expect(loginFor(replay, 'a@b.c', 'theirs')).toEqual({ login: { user: 'a@b.c', password: 'theirs' } });
});

test('replay needs the secret', () => {
  expect(() => loginFor(replay, 'a@b.c')).toThrow(expect.objectContaining({ code: 'unavailable', retryable: false }));
});

test('a name in which the platform would read a master user is never sent', () => {
  expect(() => loginFor(separator, 'jane*causeway')).toThrow(expect.objectContaining({ code: 'input' }));
  expect(() => loginFor(authzid, 'jane\r\nA1 LOGOUT')).toThrow(expect.objectContaining({ code: 'input' }));
  const platform = { entrances: [trusted, separator] } as unknown as PlatformConfig;
  expect(() => refuseForeignNames(platform, 'jane*causeway')).toThrow(/master/);
  expect(() => refuseForeignNames(platform, 'jane@example.org')).not.toThrow();
});
