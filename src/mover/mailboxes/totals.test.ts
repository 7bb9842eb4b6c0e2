import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import type { Pair } from './pairs.ts';
import { askTotals, noteTotals } from './totals.ts';
import type { Visit } from '../visit.ts';

const MAILBOXES = { INBOX: { MESSAGES: 30, SIZE: 6_000 }, 'A/b': { MESSAGES: 1, SIZE: 200 } };

/** A visit of a move whose row says that it has so many messages. */
function visitOf(messages: number) {
  const asked: string[] = [];
  const noted: unknown[] = [];
  const visit = {
    move: { id: 1, messages, bytes: 6_200, copied_messages: 11, copied_bytes: 1_200 },
    source: {
      capabilities: new Set(['STATUS=SIZE']),
      async status(name: keyof typeof MAILBOXES | 'broken', items: string[]) {
        asked.push(`${name} ${items.join(' ')}`);
        if (name === 'broken') throw new CausewayError('refused', 'it cannot be read');
        return MAILBOXES[name];
      },
    },
    book: { soon: (work: unknown) => void noted.push(work) },
  } as unknown as Visit;
  return { visit, asked, noted };
}

const pairs = ['INBOX', 'A/b', 'broken'].map((sourceMailbox) => ({ sourceMailbox }) as Pair);
const mailboxes = pairs.map(({ sourceMailbox: name }) => [name, name] as const);

test('before the first pass it is known how much there is, but for what cannot be read', async () => {
  const { visit, asked, noted } = visitOf(0);
  const { left, messages } = await noteTotals(visit, pairs, askTotals(visit, mailboxes));
  expect(left).toEqual({ messages: 31, bytes: 6_200 });
  expect(pairs.map((pair) => messages.get(pair))).toEqual([30, 1, 0]);
  expect(asked).toEqual(['INBOX MESSAGES SIZE', 'A/b MESSAGES SIZE', 'broken MESSAGES SIZE']);
  expect(noted).toHaveLength(1);
});

test('what is known is not asked again', async () => {
  const { visit, asked, noted } = visitOf(31);
  expect((await noteTotals(visit, pairs, askTotals(visit, mailboxes))).left).toEqual({ messages: 20, bytes: 5_000 });
  expect([...asked, ...noted]).toEqual([]);
});
