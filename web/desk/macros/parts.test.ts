import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsOf } from './parts.ts';

test('facts are told from what only looks like one', () => {
  expect(partsOf('Hello {{name}}, {{secret}} {{ name }}')).toEqual([
    { text: 'Hello ', fact: undefined },
    { text: '{{name}}', fact: 'name' },
    { text: ', ', fact: undefined },
    { text: '{{secret}}', fact: undefined },
    { text: ' {{ name }}', fact: undefined },
  ]);
});

test('whatever is written, nothing of it is lost', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('{{name}}', '{{', '}}', '{{wave}}'))), (drawn) => {
    expect(partsOf(drawn.join('')).map(({ text }) => text).join('')).toBe(drawn.join(''));
  }));
});
