import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Identity } from '../api/types.ts';
import { addressKey } from './recipients.ts';
import { identityFor, type Original, replyAllRecipients, replyRecipients, threading } from './reply.ts';

const at = (email: string, name: string | null = null): { name: string | null; email: string } => ({ name, email });
const identity = (email: string): Identity => ({ id: `I${email}`, name: '', email, replyTo: null, bcc: null, textSignature: '', htmlSignature: '', mayDelete: false });
const ME = [identity('ada@isp.example'), identity('byron@isp.example')];
const BASE: Original = { id: 'E1', blobId: 'E1', subject: 'x', from: [at('joe@isp.example', 'Joe')], to: [at('ada@isp.example')], cc: null, bcc: null, replyTo: null, messageId: ['m1@x'], inReplyTo: null, references: null, sentAt: null, receivedAt: '2026-11-26T10:00:00Z' };
const emails = (list: readonly { email: string }[]): string[] => list.map(({ email }) => email);

test('an answer goes to Reply-To, else to who wrote', () => {
  expect(replyRecipients(BASE, ME)).toEqual({ to: [at('joe@isp.example', 'Joe')], cc: [] });
  expect(emails(replyRecipients({ ...BASE, replyTo: [at('list@isp.example')] }, ME).to)).toEqual(['list@isp.example']);
  expect(emails(replyRecipients({ ...BASE, replyTo: [] }, ME).to)).toEqual(['joe@isp.example']);
});

test("an answer to one's own message goes to the same people", () => {
  const mine = { ...BASE, from: [at('ada@isp.example')], to: [at('joe@isp.example'), at('eve@isp.example')], cc: [at('kim@isp.example')] };
  expect(replyRecipients(mine, ME)).toEqual({ to: [at('joe@isp.example'), at('eve@isp.example')], cc: [] });
  expect(replyAllRecipients(mine, ME)).toEqual({ to: [at('joe@isp.example'), at('eve@isp.example')], cc: [at('kim@isp.example')] });
  expect(emails(replyRecipients({ ...mine, to: null }, ME).to)).toEqual(['ada@isp.example']);
});

test('an answer to all leaves out all own addresses, also with a detail', () => {
  const many = { ...BASE, to: [at('ADA@isp.example'), at('eve@isp.example')], cc: [at('byron@isp.example'), at('ada+shop@isp.example'), at('eve@isp.example'), at('kim@isp.example')] };
  expect(replyAllRecipients(many, ME)).toEqual({ to: [at('joe@isp.example', 'Joe'), at('eve@isp.example')], cc: [at('kim@isp.example')] });
});

test('an answer to all where nobody else is', () => {
  expect(emails(replyAllRecipients({ ...BASE, from: [at('ada@isp.example')] }, ME).to)).toEqual(['ada@isp.example']);
  expect(replyAllRecipients({ ...BASE, from: [at('ada@isp.example')], cc: [at('kim@isp.example')] }, ME)).toEqual({ to: [at('kim@isp.example')], cc: [] });
  expect(replyAllRecipients({ ...BASE, from: null, to: null }, ME)).toEqual({ to: [], cc: [] });
});

test('nobody gets an answer twice, and the writer none if another is there', () => {
  const person = fc.constantFrom(...['ada', 'ADA', 'byron', 'joe', 'eve', 'kim', 'ada+x'].map((name) => at(`${name}@isp.example`)));
  const list = fc.option(fc.array(person, { maxLength: 5 }), { nil: null });
  fc.assert(fc.property(list, list, list, list, (from, to, cc, replyTo) => {
    const answer = replyAllRecipients({ ...BASE, from, to, cc, replyTo }, ME);
    const keys = [...answer.to, ...answer.cc].map(addressKey);
    expect(new Set(keys).size).toBe(keys.length);
    const others = [...(from ?? []), ...(to ?? []), ...(cc ?? [])].some(({ email }) => !/^(?:ada|byron)/i.test(email));
    const own = keys.some((key) => /^(?:ada|byron)/.test(key));
    if (others && !(replyTo ?? []).some(({ email }) => /^(?:ada|byron)/i.test(email))) expect(own).toBe(false);
  }));
});

test('the identity is the one that was written to', () => {
  expect(identityFor({ ...BASE, to: [at('byron@isp.example')] }, ME)?.email).toBe('byron@isp.example');
  expect(identityFor({ ...BASE, to: [at('list@x.example')], cc: [at('byron+list@isp.example')] }, ME)?.email).toBe('byron@isp.example');
  expect(identityFor({ ...BASE, to: [at('list@x.example')] }, ME)?.email).toBe('ada@isp.example');
  expect(identityFor(BASE, [])).toBeUndefined();
});

test('the thread goes on, with its first and newest ids', () => {
  expect(threading(BASE)).toEqual({ inReplyTo: ['m1@x'], references: ['m1@x'] });
  expect(threading({ ...BASE, references: ['a@x', 'b@x'], inReplyTo: ['b@x'] }).references).toEqual(['a@x', 'b@x', 'm1@x']);
  expect(threading({ ...BASE, inReplyTo: ['b@x'] }).references).toEqual(['b@x', 'm1@x']);
  expect(threading({ ...BASE, inReplyTo: ['b@x', 'c@x'] }).references).toEqual(['m1@x']);
  expect(threading({ ...BASE, messageId: null })).toEqual({ inReplyTo: [], references: [] });
  const long = threading({ ...BASE, references: Array.from({ length: 100 }, (_, index) => `r${index}@x`) }).references;
  expect([long.length, long[0], long.at(-1), long.at(-2)]).toEqual([30, 'r0@x', 'm1@x', 'r99@x']);
});
