import { expect, test } from 'vitest';
import { forwardQuote, htmlOfText, quoteText, type QuoteParts, replyQuote } from './quote.ts';
import type { Original } from './reply.ts';

const PARTS: QuoteParts = {
  language: 'en-GB',
  timeZone: 'UTC',
  words: { wrote: (when, name) => `On ${when}, ${name} wrote:`, someone: 'somebody', forwarded: 'Forwarded message', from: 'From', date: 'Date', subject: 'Subject', to: 'To', cc: 'Cc' },
};
const ORIGINAL: Original = {
  id: 'E1', blobId: 'E1', subject: 'Tea & <cake>', from: [{ name: '<b>Joe</b>', email: 'joe@isp.example' }], to: [{ name: null, email: 'ada@isp.example' }], cc: [], bcc: null, replyTo: null,
  messageId: ['m@x'], inReplyTo: null, references: null, sentAt: '2026-11-26T12:30:00+02:00', receivedAt: '2026-11-26T10:31:00Z',
};

test('an answer names who wrote when, and marks each line', () => {
  const { text, html } = replyQuote(ORIGINAL, { text: 'Hello\r\n\r\n> older\r\n', html: '<p>Hello</p>' }, PARTS);
  expect(text).toBe('On Thursday, 26 November 2026 at 10:30, <b>Joe</b> wrote:\n> Hello\n>\n>> older\n');
  expect(html).toContain('&lt;b&gt;Joe&lt;/b&gt; wrote:</p><blockquote type="cite"');
  expect(html).toContain('<p>Hello</p></blockquote>');
});

test('a date that is none falls back to the arrival, a sender that is none to a word', () => {
  expect(replyQuote({ ...ORIGINAL, sentAt: 'nonsense', from: null }, { text: 'x', html: 'x' }, PARTS).text).toContain('26 November 2026 at 10:31, somebody wrote:');
});

test("the sender's signature is not quoted, unless something follows it", () => {
  expect(quoteText('Yes.\n\n-- \nJoe\nCEO')).toBe('> Yes.');
  expect(quoteText('Yes.\n-- \nJoe\n> question')).toBe('> Yes.\n> -- \n> Joe\n>> question');
  expect(quoteText('-- \nonly')).toBe('> -- \n> only');
});

test('a forwarded message begins with its header, as text', () => {
  const { text, html } = forwardQuote(ORIGINAL, { text: 'Hello\r\n', html: '<p>Hello</p>' }, PARTS);
  expect(text).toBe('---------- Forwarded message ----------\nFrom: "<b>Joe</b>" <joe@isp.example>\nDate: Thursday, 26 November 2026 at 10:30\nSubject: Tea & <cake>\nTo: ada@isp.example\n\nHello\n');
  expect(html).toContain('Tea &amp; &lt;cake&gt;');
  expect(html).not.toContain('<cake>');
  expect(html).not.toContain('Cc');
});

test('plain text as HTML keeps lines and spaces', () => {
  expect(htmlOfText('a <b>\r\n  two  spaces')).toBe('a &lt;b&gt;<br>&nbsp;&nbsp;two&nbsp;&nbsp;spaces');
});
