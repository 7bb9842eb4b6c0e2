import { hashSync } from '@node-rs/argon2';
import { encrypt } from 'unixcrypt';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { BESIDE } from './claim.ts';
import { createHasher } from './hash.ts';
import { wantsRehash } from '../scheme.ts';

const hasher = createHasher({ clock: systemClock, emit: silent, workers: 2 });
afterAll(() => hasher.close());

const dovecot = hashSync('pässword', { memoryCost: 65_536, timeCost: 3, parallelism: 1 });
const sha512 = encrypt('pässword', '$6$saltsalt');
const sha512rounds = encrypt('pässword', '$6$rounds=10000$saltsalt');
const sha256 = encrypt('pässword', '$5$saltsalt');

describe('the hashing threads', () => {
  test.each([
    ['{ARGON2ID}', `{ARGON2ID}${dovecot}`],
    ['bare Argon2id', dovecot],
    ['{SHA512-CRYPT}', `{SHA512-CRYPT}${sha512}`],
    ['bare $6$ with rounds', sha512rounds],
    ['{crypt}', `{crypt}${sha512}`],
    ['{SHA256-CRYPT}', `{SHA256-CRYPT}${sha256}`],
  ])('%s', async (_name, encoded) => {
    expect(await hasher.verify(encoded, 'pässword', BESIDE)).toBe('match');
    expect(await hasher.verify(encoded, 'password', BESIDE)).toBe('mismatch');
  });

  test('make and verify our own, many at once', async () => {
    const encoded = await hasher.make('s3cret');
    expect(encoded).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(wantsRehash(encoded, 's3cret')).toBe(false);
    const secrets = ['s3cret', 'S3cret', 's3cret ', ''];
    expect(await Promise.all(secrets.map((secret) => hasher.verify(encoded, secret, BESIDE)))).toEqual(['match', 'mismatch', 'mismatch', 'mismatch']);
    await hasher.pretend('anything', BESIDE);
  });

  test('what is malformed inside is unsupported, not a mismatch', async () => {
    expect(await hasher.verify('{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAA', 'x', BESIDE)).toBe('unsupported');
    expect(await hasher.verify('{NTLM}8846F7EAEE8FB117AD06BDD830B7586C', 'x', BESIDE)).toBe('unsupported');
  });
});

test('a pool that is closed checks nothing', async () => {
  const closed = createHasher({ clock: systemClock, emit: silent, workers: 1 });
  const running = closed.verify(dovecot, 'x', BESIDE);
  await closed.close();
  await expect(running).rejects.toThrow(/ended|closed/);
  await expect(closed.verify(dovecot, 'x', BESIDE)).rejects.toThrow('closed');
});
