import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { flag, helpOf, number, numbers, file, read, some } from './command-line.ts';

const OPTIONS = {
  json: flag('a line for programs'),
  rounds: number('of each', 5),
  seconds: number('how long'),
  rtt: numbers('ms', [0, 40]),
  tools: some('who', ['ours', 'theirs']),
  picture: file('where to'),
};

test('what is not given is as usual', () => {
  expect(read(OPTIONS, [])).toEqual({ json: false, rounds: 5, seconds: undefined, rtt: [0, 40], tools: ['ours', 'theirs'], picture: undefined });
});

test('what is given is read', () => {
  expect(read(OPTIONS, ['--json', '--rounds', '2', '--seconds=1.5', '--rtt', '20', '--tools', 'theirs', '--picture', 'a.svg'])).toEqual({ json: true, rounds: 2, seconds: 1.5, rtt: [20], tools: ['theirs'], picture: resolve('a.svg') });
});

describe('what cannot be read is told', () => {
  test.each([
    [['--tolls', 'ours'], /^Unknown option '--tolls'$/],
    [['ours'], /^Unexpected argument 'ours'/],
    [['--rounds', 'two'], /^"two" is no number$/],
    [['--rounds', ''], /^"" is no number$/],
    [['--rtt', '0,'], /^"" is no number$/],
    [['--tools', 'ours,mine'], /^there is no "mine"; there are ours, theirs$/],
    [['--json=yes'], /--json.*does not take an argument/],
  ])('%j', (words, told) => {
    expect(() => read(OPTIONS, words)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringMatching(told) }));
  });
});

test('the help names each option, what it is for and what is usual', () => {
  expect(helpOf('mover', 'Tools in turn.', OPTIONS)).toBe(`Tools in turn.

npm run bench:mover -- [options]

  --json            a line for programs
  --rounds N        of each (5)
  --seconds N       how long
  --rtt N,...       ms (0,40)
  --tools NAME,...  who: ours, theirs (all)
  --picture PATH    where to

What is measured, and how: bench/README.md
`);
});
