import { expect, test } from 'vitest';
import { piecesOf } from './marked.ts';

test('marks and text', () => {
  expect(piecesOf('the <mark>beans</mark> &amp; the <mark>b&lt;n</mark>')).toEqual([
    { text: 'the ', isMarked: false }, { text: 'beans', isMarked: true }, { text: ' & the ', isMarked: false }, { text: 'b<n', isMarked: true },
  ]);
});

test('what looks like HTML is text', () => {
  expect(piecesOf('<img src=x onerror=alert(1)> &lt;mark&gt; &amp;lt;')).toEqual([{ text: '<img src=x onerror=alert(1)> <mark> &lt;', isMarked: false }]);
  expect(piecesOf('')).toEqual([]);
});
