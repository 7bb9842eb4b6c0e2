import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAuth, parseCommand, parseHello, parsePath } from './command.ts';
import { formatXclient, parseXclient, xclientAddress } from './xclient.ts';

const command = (text: string): ReturnType<typeof parseCommand> => parseCommand(Buffer.from(text));

test.each([
  ['EHLO client.example.net', { verb: 'EHLO', rest: 'client.example.net' }],
  ['ehlo  [192.0.2.7] ', { verb: 'EHLO', rest: '[192.0.2.7]' }],
  ['AUTH PLAIN AGpvZQBwdw==', { verb: 'AUTH', rest: 'PLAIN AGpvZQBwdw==' }],
  ['STARTTLS', { verb: 'STARTTLS', rest: '' }],
  ['MAIL FROM:<jörg@example.net> SMTPUTF8', { verb: 'MAIL', rest: 'FROM:<jörg@example.net> SMTPUTF8' }],
  ['BDAT 12 LAST', { verb: 'BDAT', rest: '12 LAST' }],
  ['XCLIENT ADDR=192.0.2.7 LOGIN=joe', { verb: 'XCLIENT', rest: 'ADDR=192.0.2.7 LOGIN=joe' }],
  ['QUIT', { verb: 'QUIT', rest: '' }],
  ['', undefined],
  [' NOOP', undefined],
  ['NO\rOP', undefined],
  ['NOOP \0', undefined],
  ['GET/ HTTP', undefined],
  ['X'.repeat(17), undefined],
])('%j', (text, expected) => {
  expect(command(text)).toEqual(expected);
});

test.each([
  ['FROM:<joe@example.net>', 'joe@example.net', {}],
  ['from: <joe@example.net> size=1000 Body=8BITMIME', 'joe@example.net', { SIZE: '1000', BODY: '8BITMIME' }],
  ['FROM:<>', '', {}],
  ['FROM:<> SMTPUTF8', '', { SMTPUTF8: '' }],
  ['FROM:<"a> b"@example.net> RET=HDRS', '"a> b"@example.net', { RET: 'HDRS' }],
  ['FROM:<@a.example,@b.example:joe@example.net>', 'joe@example.net', {}],
])('MAIL %s', (rest, address, parameters) => {
  const path = parsePath(rest, 'FROM');
  expect([path?.address, Object.fromEntries(path?.parameters ?? [])]).toEqual([address, parameters]);
});

test.each(['FROM:joe@example.net', 'FROM:<joe@example.net', 'FROM:<joe@example.net>SIZE=1', 'FROM:<a b>', 'FROM:<joe> =1', 'TO:<joe>', 'FROM <joe>', ''])('%j is no MAIL', (rest) => {
  expect(parsePath(rest, 'FROM')).toBeUndefined();
});

test('RCPT, AUTH, EHLO', () => {
  expect(parsePath('TO:<jane@example.net> NOTIFY=NEVER ORCPT=rfc822;x', 'TO')).toEqual({ address: 'jane@example.net', parameters: new Map([['NOTIFY', 'NEVER'], ['ORCPT', 'rfc822;x']]) });
  expect(parseAuth('plain AGpvZQBwdw==')).toEqual({ mechanism: 'PLAIN', initial: 'AGpvZQBwdw==' });
  expect(parseAuth('PLAIN =')).toEqual({ mechanism: 'PLAIN', initial: '' });
  expect(parseAuth('LOGIN')).toEqual({ mechanism: 'LOGIN', initial: undefined });
  for (const bad of ['', 'PLAIN a b', 'PL/IN']) expect(parseAuth(bad)).toBeUndefined();
  expect([parseHello('[IPv6:2001:db8::7]'), parseHello('my_pc'), parseHello('two words'), parseHello('')]).toEqual(['[IPv6:2001:db8::7]', 'my_pc', undefined, undefined]);
});

test('XCLIENT is read as it was written, whatever the values', () => {
  const name = fc.constantFrom('ADDR', 'PORT', 'LOGIN', 'HELO', 'REVERSE_NAME');
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.array(fc.string({ unit: 'binary' }), { minLength: 5, maxLength: 5 }), (names, values) => {
      const attributes = names.map((each, at) => [each, values[at]!.toWellFormed()] as const);
      const line = formatXclient(attributes);
      expect(line).toMatch(/^[!-~]+(?: [!-~]+)*$/);
      expect([...parseXclient(line)!]).toEqual(attributes);
      expect(command(`XCLIENT ${line}`)).toEqual({ verb: 'XCLIENT', rest: line });
    }),
  );
  expect([xclientAddress('192.0.2.7'), xclientAddress('fe80::1%eth0')]).toEqual(['192.0.2.7', 'IPV6:fe80::1']);
  for (const bad of ['', 'ADDR', 'ADDR=+4', 'ADDR=a=b', 'A B']) expect(parseXclient(bad)).toBeUndefined();
});

test('fuzz: any bytes are read without failing', () => {
  const piece = fc.oneof(
    fc.constantFrom('MAIL ', 'FROM:', 'RCPT TO:', '<', '>', '"', '\\', 'a@b', ' SIZE=1', 'AUTH PLAIN ', '=', '@a:', 'XCLIENT ', 'ADDR='),
    fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array).toString('latin1')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const read = parseCommand(Buffer.from(pieces.join(''), 'latin1'));
      const rest = read?.rest ?? pieces.join('');
      for (const path of [parsePath(rest, 'FROM'), parsePath(rest, 'TO')]) expect(path?.address ?? '').not.toMatch(/[\r\n\0]/);
      parseAuth(rest);
      parseHello(rest);
      parseXclient(rest);
    }),
    { numRuns: 1_000 },
  );
  // Were one of these not read in linear time, the test would not end.
  for (const bad of ['"'.repeat(12_000), '\\"'.repeat(6_000), '"\\'.repeat(6_000), ' '.repeat(12_000), '@a,'.repeat(4_000), 'a=1 '.repeat(3_000)]) parsePath(`FROM:<${bad}`, 'FROM');
});
