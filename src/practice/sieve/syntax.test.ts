import { expect, test } from 'vitest';
import { fault } from './syntax.ts';

test('what is no script', () => {
  const faults = ['keep', 'keep; }', '{ keep; ', '"a', 'if true { keep }', 'keep\0;', 'text:\r\na\r\n', '[a);'];
  const fine = ['', '# all\r\n', '/* { */ keep;', 'vacation text:\r\nHi {\r\n..\r\n.\r\n;', 'if anyof(true, header :is ["a","b"] "c\\"") { stop; } else { keep; }'];
  expect(faults.filter((each) => fault(Buffer.from(each)) === undefined)).toEqual([]);
  expect(fine.filter((each) => fault(Buffer.from(each)) !== undefined)).toEqual([]);
  expect(fault(Buffer.from([0xff]))).toBe('The script is not UTF-8.');
});
