import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blocksOf, flowOf, foldAt } from './plain-text.ts';

test('format=flowed (RFC 3676 section 4): soft lines are joined, within their depth only, and a signature stands alone', () => {
  const flow = flowOf('text/plain; charset=utf-8; format=flowed');
  expect(blocksOf('One long \nline here.\nNext.\n> quoted \n> too\n>> deeper \n> back\n\n-- \nJane', flow)).toEqual([
    { depth: 0, lines: ['One long line here.', 'Next.'] },
    { depth: 1, lines: ['quoted too'] },
    { depth: 2, lines: ['deeper '] },
    { depth: 1, lines: ['back'] },
    { depth: 0, lines: ['', '-- ', 'Jane'] },
  ]);
  expect(blocksOf(' From stuffed\n  two spaces', flow)[0]?.lines).toEqual(['From stuffed', ' two spaces']);
  expect(blocksOf('ab \ncd', flowOf('text/plain; DelSp="yes"; format=Flowed'))[0]?.lines).toEqual(['abcd']);
  expect(blocksOf('soft \nbreak', flowOf('text/plain'))[0]?.lines).toEqual(['soft ', 'break']);
});

test('no word of a text is lost', () => {
  const line = fc.stringMatching(/^[>a-z -]{0,12}$/);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.boolean(), (lines, flowed) => {
      const letters = (text: string): string => text.replaceAll(/[^a-z]/g, '');
      const blocks = blocksOf(lines.join('\r\n'), { flowed, delsp: false });
      expect(letters(blocks.flatMap((block) => block.lines).join(''))).toBe(letters(lines.join('')));
    }),
  );
});

test('the quoted end is folded; a quotation with an answer below it is not', () => {
  const fold = (text: string): string[] => {
    const blocks = blocksOf(text);
    return blocks.slice(foldAt(blocks)).flatMap(({ lines }) => lines);
  };
  expect(fold('Yes.\n\n> Shall we?\n>> What?')).toEqual(['Shall we?', 'What?']);
  expect(fold('Yes.\n> Shall we?\n-- \nJane')).toEqual(['Shall we?', '-- ', 'Jane']);
  expect(fold('> Shall we?\nYes.')).toEqual([]);
  expect(fold('> All of it')).toEqual([]);
  expect(fold('No quotation')).toEqual([]);
});
