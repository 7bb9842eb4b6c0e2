import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPassSeal, makePass } from './pass-cookie.ts';

const key = randomBytes(32);
const seal = createPassSeal(key);
const pass = makePass(7, 3, Date.parse('2026-11-26'));

test('any instance with the key opens it, nobody else', () => {
  expect(createPassSeal(key).open(seal.seal(pass))).toEqual(pass);
  expect(createPassSeal(randomBytes(32)).open(seal.seal(pass))).toBeUndefined();
  expect(seal.seal(pass)).not.toBe(seal.seal(pass));
});

test('what was changed in one place, cut or made up opens nothing', () => {
  const sealed = Buffer.from(seal.seal(pass), 'base64url');
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(sealed);
      changed[at]! ^= flip;
      expect(seal.open(changed.toString('base64url'))).toBeUndefined();
      expect(seal.open(sealed.subarray(0, at).toString('base64url'))).toBeUndefined();
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(seal.open(text)).toBeUndefined();
    }),
  );
});
