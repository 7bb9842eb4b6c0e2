import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { createMac } from './mac.ts';

test('gives the bytes of an HMAC', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 3 }), (key, texts) => {
      const mac = createMac(Buffer.from(key));
      return texts.every((text) => mac(text).equals(createHmac('sha256', key).update(text, 'utf8').digest()));
    }),
  );
});
