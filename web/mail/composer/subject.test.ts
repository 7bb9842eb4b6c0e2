import { expect, test } from 'vitest';
import { forwardSubject, replySubject } from './subject.ts';

test('one mark is left of many, in any language', () => {
  for (const subject of ['Lunch', 'Re: Lunch', 'RE: re:  Lunch', 'AW: Lunch', 'Sv: Lunch', 'Odp: Re: Lunch', 'Re[2]: Lunch', 'Re^3: Lunch', '回复：Lunch', 'RE : Lunch', 'ΑΠ: Lunch']) {
    expect(replySubject(subject), subject).toBe('Re: Lunch');
  }
  for (const subject of ['Lunch', 'Fw: Lunch', 'FWD: Fwd: Lunch', 'WG: Lunch', 'TR: Lunch', 'RV: Lunch', '转发: Lunch']) {
    expect(forwardSubject(subject), subject).toBe('Fwd: Lunch');
  }
});

test('what is no mark stays', () => {
  expect(replySubject('Fwd: Lunch')).toBe('Re: Fwd: Lunch');
  expect(forwardSubject('Re: Lunch')).toBe('Fwd: Re: Lunch');
  expect(replySubject('Regarding: Lunch')).toBe('Re: Regarding: Lunch');
  expect(replySubject('[rust] Re: Lunch')).toBe('Re: [rust] Lunch');
  expect(replySubject('Re: [rust] AW: Lunch')).toBe('Re: [rust] Lunch');
  expect(replySubject('Lunch: re: dinner')).toBe('Re: Lunch: re: dinner');
  expect(replySubject(null)).toBe('Re:');
  expect(replySubject('two\r\n lines')).toBe('Re: two lines');
});
