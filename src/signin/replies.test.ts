import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REPLIES_PAGE, repliesPage } from '../../docs/replies.ts';
import { type Refusal, replyFor } from './replies.ts';
import { type Cell, type Moment, type Row, ROWS, TABLE } from './reply-table.ts';
import type { Protocol } from './verdict.ts';

const OTHERS: Refusal[] = [
  { verdict: 'locked', reason: 'any' },
  { verdict: 'unavailable', reason: 'store' },
  { verdict: 'unavailable', reason: 'held' },
  { verdict: 'unavailable', reason: 'suspended' },
  { verdict: 'unavailable', reason: 'closed' },
  { verdict: 'unavailable', reason: 'scope' },
  { verdict: 'unavailable', reason: 'second-step' },
];

test('only a rejection says that the password is wrong', () => {
  expect(replyFor({ verdict: 'rejected', reason: 'secret' }, 'imap', 'secret').line).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
  for (const verdict of OTHERS) {
    const { line, closes } = replyFor(verdict, 'imap', 'secret');
    expect(line).toMatch(/^NO \[UNAVAILABLE\] .*Your password was not rejected\.$/);
    expect(closes).toBe(false);
  }
});

test('unknown name and wrong secret are one reply', () => {
  expect(replyFor({ verdict: 'rejected', reason: 'unknown-name' }, 'imap', 'secret')).toEqual(replyFor({ verdict: 'rejected', reason: 'secret' }, 'imap', 'secret'));
});

test('the words that FairEmail and fetchmail look for', () => {
  expect(replyFor(OTHERS[1]!, 'imap', 'secret').line).toMatch(/Account is temporarily unavailable, service busy, please wait/);
  expect(replyFor(OTHERS[3]!, 'imap', 'secret').line).toContain('Account is temporarily unavailable');
});

test('at the greeting nothing is said of a secret, and the connection ends', () => {
  const verdicts: Refusal[] = [...OTHERS, { verdict: 'rejected', reason: 'secret' }];
  for (const verdict of verdicts) {
    const { line, closes } = replyFor(verdict, 'imap', 'greeting');
    expect(line).toMatch(/^\* BYE \[UNAVAILABLE\] /);
    expect(closes).toBe(true);
  }
});

test('POP3: [AUTH] only for a rejection, [SYS/TEMP] for all else, and before the secret not a word of a password', () => {
  expect(replyFor({ verdict: 'rejected', reason: 'secret' }, 'pop3', 'secret').line).toMatch(/^-ERR \[AUTH\] /);
  expect(replyFor({ verdict: 'rejected', reason: 'unknown-name' }, 'pop3', 'secret')).toEqual(replyFor({ verdict: 'rejected', reason: 'secret' }, 'pop3', 'secret'));
  for (const verdict of OTHERS) {
    const { line, closes } = replyFor(verdict, 'pop3', 'secret');
    expect(line).toMatch(/^-ERR \[SYS\/TEMP\] .*Your password was not rejected\.$/);
    expect(closes).toBe(false);
    expect(replyFor(verdict, 'pop3', 'name')).toEqual(replyFor(OTHERS[1]!, 'pop3', 'name'));
  }
  const name = replyFor(OTHERS[1]!, 'pop3', 'name');
  expect(name.line).toMatch(/^-ERR \[SYS\/TEMP\] Account is temporarily unavailable, service busy, please wait\.$/);
  expect(replyFor(OTHERS[1]!, 'pop3', 'greeting')).toMatchObject({ line: expect.stringMatching(/^-ERR \[SYS\/TEMP\] /), closes: true });
});

test('submission: 535 only for a rejection, 454 for all else, 421 in the place of the greeting', () => {
  expect(replyFor({ verdict: 'rejected', reason: 'secret' }, 'submission', 'secret').line).toMatch(/^535 5\.7\.8 /);
  expect(replyFor({ verdict: 'rejected', reason: 'unknown-name' }, 'submission', 'secret')).toEqual(replyFor({ verdict: 'rejected', reason: 'secret' }, 'submission', 'secret'));
  for (const verdict of [...OTHERS, { verdict: 'unavailable', reason: 'send-blocked' } as const]) {
    expect(replyFor(verdict, 'submission', 'secret')).toEqual({ line: expect.stringMatching(/^454 4\.7\.0 .*Your password was not rejected\.$/), closes: false });
    expect(replyFor(verdict, 'submission', 'greeting')).toEqual({ line: expect.stringMatching(/^421 4\.3\.2 /), closes: true });
  }
  expect(replyFor({ verdict: 'unavailable', reason: 'send-blocked' }, 'submission', 'secret').line).toMatch(/Sending from this account is blocked/);
});

test('ManageSieve: TRYLATER for all but a rejection', () => {
  const rejected = replyFor({ verdict: 'rejected', reason: 'secret' }, 'sieve', 'secret');
  expect(rejected).toEqual({ line: expect.stringMatching(/^NO "[^"]+"$/), closes: false });
  for (const verdict of OTHERS) {
    expect(replyFor(verdict, 'sieve', 'secret')).toEqual({ line: expect.stringMatching(/^NO \(TRYLATER\) "[^"]*Your password was not rejected\."$/), closes: false });
    expect(replyFor(verdict, 'sieve', 'greeting')).toEqual({ line: expect.stringMatching(/^BYE \(TRYLATER\) "[^"]+"$/), closes: true });
  }
});

const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'submission', 'sieve', 'webmail'];
const MOMENTS: readonly Moment[] = ['greeting', 'name', 'secret'];
const cells: readonly (Cell & { row: Row; protocol: Protocol; moment: Moment })[] = (Object.keys(ROWS) as Row[]).flatMap((row) =>
  PROTOCOLS.flatMap((protocol) => MOMENTS.flatMap((moment) => {
    const cell = TABLE[row][protocol]?.[moment];
    return cell === undefined ? [] : [{ ...cell, row, protocol, moment }];
  })),
);

test('the table is complete, and each of its replies has a reason and the form of its protocol', () => {
  const has = (row: Row, moment: Moment): Protocol[] => PROTOCOLS.filter((protocol) => TABLE[row][protocol]?.[moment] !== undefined);
  for (const row of ['rejected', 'unavailable', 'suspended', 'closed', 'scope', 'second-step'] as const) expect(has(row, 'secret'), row).toEqual(PROTOCOLS);
  expect([has('unavailable', 'greeting'), has('unavailable', 'name'), has('send-blocked', 'secret'), has('in-use', 'secret')]).toEqual([PROTOCOLS, ['pop3'], ['submission'], ['pop3']]);
  const form: Record<Protocol, RegExp> = { imap: /^(?:NO|\* BYE) \[[A-Z]+\] \S/, pop3: /^-ERR \[[A-Z/-]+\] \S/, submission: /^(\d)\d\d \1\.\d\.\d+ \S/, sieve: /^(?:NO|BYE)(?: \([A-Z]+\))? "[^"\\]+"$/, webmail: /^HTTP (?:401|403|503) \S/ };
  for (const { line, why, protocol } of cells) {
    expect(line).toMatch(form[protocol]);
    expect(line).toMatch(/^[ -~]{1,400}$/);
    expect(why.length, line).toBeGreaterThan(20);
  }
});

test('only `rejected` blames, and after a secret alone; every other reply to a secret absolves; only at the greeting it ends', () => {
  for (const { row, moment, line, closes } of cells) {
    expect(/wrong|AUTHENTICATIONFAILED|\[AUTH\]|^5/.test(line), line).toBe(row === 'rejected');
    expect(/Your password was not rejected\."?$/.test(line), line).toBe(moment === 'secret' && row !== 'rejected');
    expect(closes, line).toBe(moment === 'greeting');
    if (row === 'rejected') expect(moment).toBe('secret');
  }
});

test('docs/replies.md says what the table says', () => {
  expect(readFileSync(REPLIES_PAGE, 'utf8'), 'run npm run docs:replies').toBe(repliesPage());
});
