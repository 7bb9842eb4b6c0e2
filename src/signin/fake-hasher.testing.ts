/** A hasher for this room's tests: it costs time of the clock, and no work. */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Hasher } from './load/hash.ts';

export type FakeHasher = { readonly hasher: Hasher; readonly hashing: { checks: number; mode: 'well' | 'full' } };

/** What the fake hasher makes; it has the form of a hash of our own, so it asks for no rehash. */
export function fakeHash(secret: string): string {
  const padded = Buffer.from(secret.padEnd(16, '.')).toString('base64').replaceAll('=', '');
  return `{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${padded}`;
}

export function createFakeHasher(clock: Clock): FakeHasher {
  const hashing: FakeHasher['hashing'] = { checks: 0, mode: 'well' };
  const work = async <T>(result: () => T): Promise<T> => {
    if (hashing.mode === 'full') throw new CausewayError('limit', 'full');
    hashing.checks += 1;
    await clock.sleep(3);
    return result();
  };
  const hasher: Hasher = {
    verify: (encoded, secret) =>
      work(() => (encoded.startsWith('{') ? (encoded.replace(/^\{SHA512-CRYPT\}/, '') === secret || encoded === fakeHash(secret) ? 'match' : 'mismatch') : 'unsupported')),
    make: (secret) => work(() => fakeHash(secret)),
    makeInTurn: (secret) => work(() => fakeHash(secret)),
    pretend: () => work(() => undefined),
    busy: false,
    close: async () => {},
  };

  return { hasher, hashing };
}
