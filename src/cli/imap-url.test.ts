import { expect, test } from 'vitest';
import { parseImapUrl } from './imap-url.ts';

test('the scheme says what is encrypted', () => {
  expect(parseImapUrl('imaps://ada@mail.example')).toMatchObject({ endpoint: { host: 'mail.example', port: 993, tls: 'implicit' }, user: 'ada' });
  expect(parseImapUrl('imap://ada@mail.example')).toMatchObject({ endpoint: { port: 143, tls: 'starttls' } });
  expect(parseImapUrl('imap+plain://ada@[::1]:1143/')).toMatchObject({ endpoint: { host: '::1', port: 1143, tls: 'plain' } });
});

test('login names are taken as they are', () => {
  expect(parseImapUrl('imaps://ada@isp.example@mail.example:1993')).toMatchObject({ user: 'ada@isp.example', endpoint: { host: 'mail.example', port: 1993 } });
  expect(parseImapUrl('imaps://ada%40isp.example*master@mail.example').user).toBe('ada@isp.example*master');
  expect(parseImapUrl('imaps://a%3Ab@mail.example').user).toBe('a:b');
});

test('what is none is refused, a password above all', () => {
  for (const text of ['imaps://ada:secret@mail.example', 'imap://ada@isp.example:secret@mail.example']) {
    expect(() => parseImapUrl(text)).toThrow(/password/);
    expect(() => parseImapUrl(text)).not.toThrow(/secret/);
  }
  for (const text of ['', 'mail.example', 'https://ada@mail.example', 'imaps://mail.example', 'imaps://ada@', 'imaps://ada@mail.example:0', 'imaps://ada@mail.example/INBOX', 'imaps://%zz@mail.example']) {
    expect(() => parseImapUrl(text), text).toThrow();
  }
});
