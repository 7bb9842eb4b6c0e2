import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { decodePlain, encodePlain } from './sasl.ts';

const base64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64');

it('reads what clients send', () => {
  expect(decodePlain('AHRpbQB0YW5zdGFhZnRhbnN0YWFm')).toEqual({ authzid: '', authcid: 'tim', secret: 'tanstaaftanstaaf' }); // RFC 4616
  expect(decodePlain(base64('Ursel\0Kurt\0xipj3plmq'))).toEqual({ authzid: 'Ursel', authcid: 'Kurt', secret: 'xipj3plmq' });
  expect(decodePlain(base64('\0ü@x\0\ufeffpä'))).toEqual({ authzid: '', authcid: 'ü@x', secret: '\ufeffpä' });
});

it('takes nothing else', () => {
  const latin1 = base64(Buffer.from('\0a\0p\xe4', 'latin1'));
  for (const text of ['', '=', '*', 'AHRpbQB0YW5zdGFhZnRhbnN0YWF', 'AGEA YmI=', 'AGEAYmI=\n', base64('a\0b'), base64('\0\0b'), base64('\0a\0'), base64('\0a\0b\0'), latin1]) {
    expect(decodePlain(text), text).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), (text, bytes) => {
      decodePlain(text);
      decodePlain(base64(bytes));
    }),
  );
});

it('reads back what it wrote', () => {
  const field = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.option(field, { nil: undefined }), field, field, (authzid, authcid, secret) => {
      expect(decodePlain(encodePlain({ authzid, authcid, secret }))).toEqual({ authzid: authzid ?? '', authcid, secret });
    }),
  );
  expect(() => encodePlain({ authcid: 'a\0b', secret: 'c' })).toThrow(CausewayError);
});
