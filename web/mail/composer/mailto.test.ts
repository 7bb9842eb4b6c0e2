import { expect, test } from 'vitest';
import { parseMailto } from './mailto.ts';

test('the examples of RFC 6068', () => {
  expect(parseMailto('mailto:chris@example.com')).toEqual({ to: [{ name: null, email: 'chris@example.com' }], cc: [], bcc: [], subject: '', text: '' });
  expect(parseMailto('mailto:infobot@example.com?subject=current-issue')?.subject).toBe('current-issue');
  expect(parseMailto('mailto:infobot@example.com?body=send%20current-issue%0D%0Asend%20index')?.text).toBe('send current-issue\nsend index');
  expect(parseMailto('mailto:?to=joe@example.com&cc=bob@example.com&body=hello')).toMatchObject({ to: [{ email: 'joe@example.com' }], cc: [{ email: 'bob@example.com' }], text: 'hello' });
  expect(parseMailto('mailto:addr1@an.example,addr2@an.example')?.to).toHaveLength(2);
  expect(parseMailto('mailto:bill+ietf@example.org')?.to[0]?.email).toBe('bill+ietf@example.org');
  expect(parseMailto('mailto:user@example.org?subject=caf%C3%A9')?.subject).toBe('café');
});

test('no file is attached, no field set, no line begun', () => {
  const link = parseMailto('mailto:a@example.com?attach=/etc/passwd&attachment=x&from=b@example.com&subject=a%0D%0ABcc:%20x@example.com&Bcc=c@example.com');
  expect(link).toEqual({ to: [{ name: null, email: 'a@example.com' }], cc: [], bcc: [{ name: null, email: 'c@example.com' }], subject: 'a Bcc: x@example.com', text: '' });
});

test('what is broken or no such link', () => {
  expect(parseMailto('https://example.com')).toBeUndefined();
  expect(parseMailto('mailto:%E0%A4%A?subject=%zz')).toMatchObject({ subject: '%zz' });
  expect(parseMailto('MAILTO:a@example.com,A@example.com')?.to).toHaveLength(1);
  expect(parseMailto(`mailto:a@example.com?body=${'x'.repeat(100_000)}`)?.text.length).toBeLessThan(20_000);
});
