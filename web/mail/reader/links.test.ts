import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deception, piecesOf, webOrMail } from './links.ts';

test('the pieces of a text are the text, whatever is in it, and a link is one of the web or of a mail', () => {
  const some = fc.constantFrom('https://', 'www.', 'a@b.example', '.', ')', '(', 'javascript:', ' ', '\n', '<', '"', 'http://x.example/?a=b', ']', '[');
  fc.assert(
    fc.property(fc.array(fc.oneof(some, fc.string()), { maxLength: 12 }).map((parts) => parts.join('')), (text) => {
      const pieces = piecesOf(text);
      expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      for (const { href } of pieces) if (href !== undefined) expect(href).toMatch(/^(?:https?|mailto):/);
    }),
  );
});

test('where links end', () => {
  const hrefs = (text: string): (string | undefined)[] => piecesOf(text).flatMap(({ href }) => (href === undefined ? [] : [href]));
  expect(hrefs('See https://a.example/x. Or (https://b.example/y_(z)), www.c.example!')).toEqual(['https://a.example/x', 'https://b.example/y_(z)', 'https://www.c.example/']);
  expect(hrefs('write to jane@isp.example, please')).toEqual(['mailto:jane@isp.example']);
  expect(hrefs('javascript:alert(1) data:text/html,x file:///etc/passwd')).toEqual([]);
});

test('Roundcube CVE-2026-54433: what follows an address in a plain text stays text', () => {
  const pieces = piecesOf('a@a.co?]<img/src="x"/onerror=alert(document.domain)>');
  expect(pieces[0]).toEqual({ text: 'a@a.co', href: 'mailto:a@a.co' });
  expect(pieces[1]?.href).toBeUndefined();
});

test('schemes', () => {
  for (const no of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', 'vbscript:x', 'data:text/html,<script>', 'file:///etc', 'blob:https://a/b', 'about:blank', 'ftp://a', '/relative', '']) expect(webOrMail(no), no).toBeUndefined();
  for (const yes of ['https://a.example/', 'http://a.example/', 'mailto:a@b.example', 'tel:+34123']) expect(webOrMail(yes)).toBe(yes);
});

test('words that promise another host than the link has', () => {
  expect(deception('www.bank.example', 'https://evil.example/login')).toEqual({ promised: 'www.bank.example', real: 'evil.example' });
  expect(deception('https://bank.co.uk/login', 'https://bank.co.uk.evil.example/')).toBeDefined();
  expect(deception('bаnk.example', 'https://bank.example/')).toBeDefined();
  for (const [words, href] of [['Click here', 'https://a.example'], ['bank.example', 'https://click.bank.example/x'], ['https://www.bank.co.uk', 'https://mail.bank.co.uk/'], ['v1.2', 'https://a.example'], ['jane@isp.example', 'mailto:jane@isp.example']] as const) expect(deception(words, href), words).toBeUndefined();
});
