import { expect, test } from 'vitest';
import { labelOf, printable } from './label.ts';

const label = (text: string) => labelOf(Buffer.from(text));

test('headers are unfolded and decoded', () => {
  expect(label('Message-ID:\r\n <a@b>\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus?=\r\n =?iso-8859-1?B?IEvkcm50ZW4=?= today\r\n\r\n')).toEqual({ messageId: '<a@b>', subject: 'Grüße aus Kärnten today' });
  expect(label('subject: =?x-unknown?B?AAAA?=\r\n\r\n')).toEqual({ messageId: '', subject: '=?x-unknown?B?AAAA?=' });
  expect(label('\r\n')).toEqual({ messageId: '', subject: '' });
});

test('what a sender writes does not act on a terminal', () => {
  expect(label('Subject: \u001b[2J\u0007now \u202Egpj.exe\r\nMessage-ID: <\u009bx>\r\n\r\n')).toEqual({ messageId: '< x>', subject: '[2J now  gpj.exe' });
  expect(label('Subject: =?utf-8?B?G1sySgo=?=\r\n\r\n').subject).toBe('[2J');
  expect([...printable('x'.repeat(500))]).toHaveLength(80);
});
