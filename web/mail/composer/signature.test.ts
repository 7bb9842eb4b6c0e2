import { expect, test } from 'vitest';
import type { Identity } from '../api/types.ts';
import { placeInText, replaceInText, signatureOf } from './signature.ts';

const identity = (textSignature: string, htmlSignature = ''): Identity => ({ id: 'I1', name: '', email: 'a@isp.example', replyTo: null, bcc: null, textSignature, htmlSignature, mayDelete: false });
const same = (html: string): string => html;

test('each form is made of the other where one is missing', () => {
  expect(signatureOf(identity('Ada\n<x>'), same)).toEqual({ html: '<div data-signature="I1"><p>Ada<br>&lt;x&gt;</p></div>', text: '-- \nAda\n<x>' });
  expect(signatureOf(identity('', '<p>Ada &amp; Co</p><p><b>x</b></p>'), same)).toEqual({ html: '<div data-signature="I1"><p>Ada &amp; Co</p><p><b>x</b></p></div>', text: '-- \nAda & Co\nx' });
  expect(signatureOf(identity(' '), same)).toEqual({ html: '', text: '' });
  expect(signatureOf(undefined, same)).toEqual({ html: '', text: '' });
  expect(signatureOf(identity('', '<script>'), () => '')).toMatchObject({ html: '' });
});

test('it stands between what is written and what is quoted', () => {
  expect(placeInText('', '-- \nAda', 'On Monday, Joe wrote:\n> x\n')).toBe('\n\n-- \nAda\n\nOn Monday, Joe wrote:\n> x\n');
  expect(placeInText('', '', '')).toBe('');
});

test('another identity changes it, and nothing else', () => {
  const text = 'Hello\n\n-- \nAda\n\nOn Monday, Joe wrote:\n> x\n';
  const quote = 'On Monday, Joe wrote:\n> x\n';
  const other = replaceInText(text, '-- \nAda', '-- \nByron\nPoet', quote);
  expect(other).toBe('Hello\n\n-- \nByron\nPoet\n\nOn Monday, Joe wrote:\n> x\n');
  const none = replaceInText(other, '-- \nByron\nPoet', '', quote);
  expect(none).toBe('Hello\n\nOn Monday, Joe wrote:\n> x\n');
  expect(replaceInText(none, '', '-- \nAda', quote)).toBe(text);
  expect(replaceInText('Hello', '', '-- \nAda', '')).toBe('Hello\n\n-- \nAda');
});

test('what the writer changed is hers', () => {
  const changed = 'Hello\n\n-- \nAda the Great\n';
  expect(replaceInText(changed, '-- \nAda', '-- \nByron', '')).toBe(changed);
  expect(replaceInText('Hello', '-- \nAda', '-- \nByron', '')).toBe('Hello');
});
