import { hashSync } from '@node-rs/argon2';
import { encrypt } from 'unixcrypt';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createHasher } from './hash.ts';
import { parseScheme, wantsRehash } from './scheme.ts';

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
    expect(await hasher.verify(encoded, 'pässword')).toBe('match');
    expect(await hasher.verify(encoded, 'password')).toBe('mismatch');
  });

  test('make and verify our own, many at once', async () => {
    const encoded = await hasher.make('s3cret');
    expect(encoded).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(wantsRehash(encoded)).toBe(false);
    const secrets = ['s3cret', 'S3cret', 's3cret ', ''];
    expect(await Promise.all(secrets.map((secret) => hasher.verify(encoded, secret)))).toEqual(['match', 'mismatch', 'mismatch', 'mismatch']);
    await hasher.pretend('anything');
  });

  test('what is malformed inside is unsupported, not a mismatch', async () => {
    expect(await hasher.verify('{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAA', 'x')).toBe('unsupported');
    expect(await hasher.verify('{MD5-CRYPT}$1$salt$xxxxxxxxxxxxxxxxxxxxxx', 'x')).toBe('unsupported');
  });
});

test('a pool that is closed checks nothing', async () => {
  const closed = createHasher({ clock: systemClock, emit: silent, workers: 1 });
  const running = closed.verify(dovecot, 'x');
  await closed.close();
  await expect(running).rejects.toThrow(/ended|closed/);
  await expect(closed.verify(dovecot, 'x')).rejects.toThrow('closed');
});

describe('schemes', () => {
  test.each([
    '',
    'plain',
    '{PLAIN}secret',
    '{ARGON2ID}',
    '{SHA512-CRYPT}' + sha256,
    '{SHA256-CRYPT}' + dovecot,
    '$6$rounds=500$salt$' + 'a'.repeat(86),
    '$6$rounds=0999$salt$' + 'a'.repeat(86),
    '$6$rounds=2000000$salt$' + 'a'.repeat(86),
    '$6$salt$' + 'a'.repeat(85),
    '$argon2id$v=19$m=4194304,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=262144,t=9,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=16$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAA',
    '$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAA',
  ])('%s is not ours to check', (encoded) => {
    expect(parseScheme(encoded)).toBeUndefined();
    expect(wantsRehash(encoded)).toBe(false);
  });

  test('others than our own are hashed anew', () => {
    for (const encoded of [sha512, sha256, dovecot]) expect(wantsRehash(encoded)).toBe(true);
  });
});
