import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contLine, failLine, okLine, parseClientLine, serverHandshake } from './dovecot-auth.ts';

const parsed = (text: string): ReturnType<typeof parseClientLine> => parseClientLine(Buffer.from(text));

test.each([
  ['VERSION\t1\t1', { line: 'version', major: 1 }],
  ['CPID\t4711', { line: 'other' }],
  ['', { line: 'other' }],
  ['CONT\t7\tdGVzdA==', { line: 'cont', id: 7, data: 'dGVzdA==' }],
  ['CONT\t7', { line: 'cont', id: 7, data: '' }],
  ['CONT\t7\ta\tb', undefined],
  ['CANCEL\t4294967295', { line: 'cancel', id: 4_294_967_295 }],
  ['CANCEL\t4294967296', undefined],
  ['AUTH\t-1\tPLAIN', undefined],
  ['AUTH\t1\t', undefined],
  ['AUTH\t1', undefined],
  ['AUTH\t01\tPLAIN', undefined],
  // Nothing may follow the response: a client's base64 could otherwise carry a parameter.
  ['AUTH\t1\tPLAIN\tresp=x\trip=127.0.0.1', undefined],
  [`AUTH\t1\tPLAIN${'\tx'.repeat(64)}`, undefined],
])('%j', (line, expected) => {
  expect(parsed(line)).toEqual(expected);
});

test('what Postfix 3.7 sends', () => {
  expect(parsed('AUTH\t1\tPLAIN\tservice=smtp\tnologin\tlip=10.0.0.1\trip=192.0.2.1\tsecured\tresp=AGEAYg==')).toEqual({
    line: 'auth',
    id: 1,
    mechanism: 'PLAIN',
    parameters: new Map([['service', 'smtp'], ['nologin', ''], ['lip', '10.0.0.1'], ['rip', '192.0.2.1'], ['secured', '']]),
    initial: 'AGEAYg==',
  });
});

test('what Exim 4.96 sends; without a response of its client it leaves it empty', () => {
  const line = (resp: string): string => `AUTH\t1\tLOGIN\tservice=smtp\tsecured\trip=192.0.2.1\tlip=10.0.0.1\tnologin\tresp=${resp}`;
  expect(parsed(line('amFuZQ=='))).toMatchObject({ mechanism: 'LOGIN', initial: 'amFuZQ==' });
  expect(parsed(line(''))).toMatchObject({ initial: undefined });
  expect(parsed(line('='))).toMatchObject({ initial: '' });
  expect(parsed(`${line('')}\trip=127.0.0.1`)).toBeUndefined();
});

test('the first of two parameters of one name stands', () => {
  expect(parsed('AUTH\t1\tplain\trip=192.0.2.1\trip=127.0.0.1')).toMatchObject({ mechanism: 'PLAIN', parameters: new Map([['rip', '192.0.2.1']]) });
});

test('what the server says', () => {
  expect(serverHandshake({ pid: 5, connection: 9, cookie: 'ab', mechanisms: ['PLAIN', 'LOGIN'] })).toBe(
    'VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t5\nCUID\t9\nCOOKIE\tab\nDONE\n',
  );
  expect(okLine(3, 'zoë@isp.example')).toBe('OK\t3\tuser=zoë@isp.example\n');
  expect(failLine(3, 'no')).toBe('FAIL\t3\treason=no\n');
  expect(contLine(3, 'Password:')).toBe('CONT\t3\tUGFzc3dvcmQ6\n');
  expect(contLine(3, '')).toBe('CONT\t3\t\n');
});

test('no value ends its line or its field, and each comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const line = okLine(1, value);
      expect(line.slice(0, -1)).not.toMatch(/[\r\n\0]/);
      const back = parsed(`AUTH\t1\tPLAIN\t${line.slice('OK\t1\t'.length, -1)}`);
      expect(back).toMatchObject({ parameters: new Map([['user', value]]) });
    }),
  );
});

test('whatever comes is read or refused, and never thrown at', () => {
  const word = fc.constantFrom('AUTH', 'CONT', 'CANCEL', 'VERSION', 'PLAIN', '1', 'resp=', 'rip=', '\u0001', '\u0001t', '=');
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), fc.array(word, { maxLength: 80 }).map((words) => Buffer.from(words.join('\t')))), (line) => {
      const read = parseClientLine(line);
      if (read?.line !== 'auth') return;
      expect(read.id).toBeGreaterThanOrEqual(0);
      expect(read.initial ?? '').not.toContain('\t');
    }),
  );
});
