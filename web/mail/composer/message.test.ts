import { expect, test } from 'vitest';
import { isEmpty, type Message } from './message.ts';

const EMPTY: Message = { identityId: 'I', to: [], cc: [], bcc: [], subject: ' ', mode: 'rich', html: '<p></p><div data-signature="I"><p>Ada</p></div>', text: '', quote: undefined, attachments: [], inReplyTo: [], references: [], origin: undefined };

test('a signature alone is nothing written', () => {
  expect(isEmpty(EMPTY)).toBe(true);
  expect(isEmpty({ ...EMPTY, mode: 'plain', text: '\n\n-- \nAda\nPoet' })).toBe(true);
});

test('a word, a picture, a recipient, a quote is something', () => {
  expect(isEmpty({ ...EMPTY, html: `<p>x</p>${EMPTY.html}` })).toBe(false);
  expect(isEmpty({ ...EMPTY, html: '<p><img src="cid:1"></p>' })).toBe(false);
  expect(isEmpty({ ...EMPTY, mode: 'plain', text: 'x\n-- \nAda' })).toBe(false);
  expect(isEmpty({ ...EMPTY, bcc: [{ name: null, email: 'x' }] })).toBe(false);
  expect(isEmpty({ ...EMPTY, quote: { html: 'q', text: 'q' } })).toBe(false);
  expect(isEmpty({ ...EMPTY, subject: 'x' })).toBe(false);
});
