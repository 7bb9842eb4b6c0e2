import { expect, test } from 'vitest';
import { withoutOf } from './without.ts';

test('messages by mailbox and UID, classes, none; what is neither is refused', () => {
  expect(withoutOf([])).toBeUndefined();
  expect(withoutOf(['none'])).toEqual({ classes: [], messages: [] });
  expect(withoutOf(['INBOX:417', 'too-big', 'a:b c/Büro:2', 'too-big'])).toEqual({ classes: ['too-big'], messages: [{ mailbox: 'INBOX', uid: 417 }, { mailbox: 'a:b c/Büro', uid: 2 }] });
  for (const wrong of ['', 'append', 'INBOX', 'INBOX:0', 'INBOX:', ':3', 'INBOX:x', 'quota']) expect(() => withoutOf([wrong])).toThrow(/names neither/);
  expect(() => withoutOf(['none', 'content'])).toThrow(/stands alone/);
});
