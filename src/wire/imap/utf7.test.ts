import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeUtf7, encodeUtf7 } from './utf7.ts';

const KNOWN = [
  ['INBOX', 'INBOX'],
  ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'], // RFC 3501 section 5.1.3
  ['Entwürfe', 'Entw&APw-rfe'],
  ['R&D', 'R&-D'],
  ['&&', '&-&-'],
  ['Œuvre 😀', '&AVI-uvre &2D3eAA-'],
  ['a\tb', 'a&AAk-b'],
] as const;

it('knows the names that servers have', () => {
  for (const [name, wire] of KNOWN) {
    expect(encodeUtf7(name)).toBe(wire);
    expect(decodeUtf7(wire)).toBe(name);
    expect(decodeUtf7(Buffer.from(wire))).toBe(name);
  }
});

it('returns what is no modified UTF-7 unchanged', () => {
  for (const text of ['R&D', '&', 'a&b-c', '&Jjo', '&Jjo!', '&2D0-', '&AGE-', '&AA-', '&APw', 'Entwürfe', 'ü&APw-', '&U,BTFw-&ZeVnLIqe-', '&APx-']) {
    expect(decodeUtf7(text)).toBe(text);
    expect(decodeUtf7(Buffer.from(text))).toBe(text);
  }
});

it('reads back every name it wrote, in printable ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const wire = encodeUtf7(name);
      expect(wire).toMatch(/^[ -~]*$/);
      expect(decodeUtf7(wire)).toBe(name);
    }),
  );
});

it('takes no two names of its own making for one, and never throws', () => {
  const wire = fc.string({ unit: fc.constantFrom('&', '-', 'A', 'P', 'w', ',', 'ü', 'x') });
  fc.assert(
    fc.property(wire, (text) => {
      const name = decodeUtf7(text);
      expect(name === text || encodeUtf7(name) === text).toBe(true);
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof decodeUtf7(Buffer.from(bytes)) === 'string'));
});
