import { expect, test } from 'vitest';
import { distinctNames, listed, mayRun, safeName } from './attachments.ts';
import { dmarcOf, doubtsOf, hasOddLetters, unsubscribeOf } from './trust.ts';

const from = (name: string | null, email: string) => [{ name, email }];
const nothing = { replyTo: null, results: [], isList: false };

test('only the last server on the way is believed about DMARC', () => {
  expect(dmarcOf(['mx.isp.example; spf=pass smtp.mailfrom=a.example; dmarc=fail (p=none) header.from=a.example', 'evil; dmarc=pass'])).toBe('fail');
  expect(dmarcOf(['mx.isp.example; dmarc=pass'])).toBe('pass');
  expect(dmarcOf(['mx.isp.example; spf=pass (dmarc=pass is a comment)'])).toBe('unknown');
  expect(dmarcOf([])).toBe('unknown');
});

test('what does not fit: a name that is another address, letters of two alphabets, answers that go to a free mailbox', () => {
  expect(doubtsOf({ ...nothing, from: from('service@bank.example', 'x@evil.example') })).toEqual([{ kind: 'name', shown: 'service@bank.example', real: 'x@evil.example' }]);
  expect(doubtsOf({ ...nothing, from: from('Jane <jane@mail.bank.example>', 'jane@bank.example') })).toEqual([]);
  expect(doubtsOf({ ...nothing, from: from(null, 'info@pаypal.com') }).map(({ kind }) => kind)).toEqual(['letters']);
  expect(doubtsOf({ ...nothing, from: from('Boss', 'boss@office.example'), replyTo: from(null, 'boss.office@gmail.com') }).map(({ kind }) => kind)).toEqual(['reply']);
  expect(doubtsOf({ ...nothing, isList: true, from: from('Boss', 'boss@office.example'), replyTo: from(null, 'list@gmail.com') })).toEqual([]);
  expect(hasOddLetters('аррӏе.com') || hasOddLetters('арре.com')).toBe(true);
  for (const fine of ['müller.de', 'пример.рф', 'bank.example', '123.com']) expect(hasOddLetters(fine), fine).toBe(false);
});

test('List-Unsubscribe is a link of the web in clear sight, or a mail', () => {
  expect(unsubscribeOf(['mailto:off@a.example', 'https://a.example/off'], 'List-Unsubscribe=One-Click')).toEqual({ web: 'https://a.example/off', mail: 'mailto:off@a.example', oneClick: true });
  expect(unsubscribeOf(['http://a.example/off', 'javascript:alert(1)', 'data:text/html,x'], null)).toBeUndefined();
  expect(unsubscribeOf(null, null)).toBeUndefined();
});

test('names of files: no folders, no hidden ones, no letters turned round, each once', () => {
  expect(safeName('../../etc/passwd')).toBe('_.._etc_passwd');
  expect(safeName('invoice\u202efdp.exe')).toBe('invoicefdp.exe');
  expect(safeName('a\r\nb\0.txt')).toBe('ab.txt');
  expect(safeName('...')).toBe('attachment');
  expect(safeName(null)).toBe('attachment');
  expect(distinctNames(['a.txt', 'A.txt', 'a.txt', 'b'])).toEqual(['a.txt', 'A (2).txt', 'a (3).txt', 'b']);
  for (const runs of ['invoice.pdf.exe', 'x.HTML', 'y.svg', 'photo\u202egpj.scr']) expect(mayRun(runs), runs).toBe(true);
  expect(mayRun('report.pdf')).toBe(false);
});

test('a part that the text shows is listed no more, unless it says that it is an attachment', () => {
  const part = (cid: string | null, disposition: string | null) => ({ cid, disposition, partId: '1', blobId: 'b', size: 1, name: null, type: 'image/png', charset: null });
  const parts = [part('a', 'inline'), part('b', 'inline'), part('a', 'attachment'), part(null, null)];
  expect(listed(parts, new Set(['a']))).toEqual(parts.slice(1));
});
