import { expect, test } from 'vitest';
import type { StatusItem } from '#imap/commands/mailbox.ts';
import { refusal } from '#imap/refusal.ts';
import type { Opened } from './open-pair.ts';
import type { Pair } from './pairs.ts';
import { filledStanding, findUnchanged, standingOf } from './standing.ts';
import type { Visit } from '../visit.ts';

type Told = Partial<Record<StatusItem, number>>;

const AT_REST: Told = { UIDVALIDITY: 5, UIDNEXT: 12, MESSAGES: 3, HIGHESTMODSEQ: 40 };

function opened(told: Told): Opened['source'] {
  const { UIDVALIDITY = 0, UIDNEXT = 0, MESSAGES = 0, HIGHESTMODSEQ } = told;
  const highestModSeq = HIGHESTMODSEQ === undefined ? undefined : BigInt(HIGHESTMODSEQ);
  return { uidValidity: UIDVALIDITY, uidNext: UIDNEXT, exists: MESSAGES, highestModSeq, flags: [], permanentFlags: [], readOnly: false };
}

const side = (told: Told | Error, capabilities = ['CONDSTORE']) => ({
  capabilities: new Set(capabilities),
  async status() {
    if (told instanceof Error) throw told;
    return told;
  },
});

async function unchanged(source: object, target: object): Promise<boolean> {
  const standing = standingOf({ source: opened(AT_REST), target: opened({ ...AT_REST, UIDVALIDITY: 6 }) }, 3, 100)!;
  const pair = { sourceRef: 'INBOX', targetMailbox: 'INBOX', standing } as Pair;
  return (await findUnchanged({ source, target } as Visit, [pair])).has(pair);
}

const source = side(AT_REST);
const target = side({ ...AT_REST, UIDVALIDITY: 6 });

test('where both sides stand as they stood nothing has changed', async () => {
  expect(await unchanged(source, target)).toBe(true);
});

test.each([
  ['new mail', { UIDNEXT: 13, MESSAGES: 4, HIGHESTMODSEQ: 41 }],
  ['other flags', { HIGHESTMODSEQ: 41 }],
  ['an expunge', { MESSAGES: 2 }],
  ['mail that came and went', { UIDNEXT: 13 }],
  ['another life', { UIDVALIDITY: 7 }],
  ['no word of changes', { HIGHESTMODSEQ: undefined }],
])('%s at either side is a change', async (_, news) => {
  expect(await unchanged(side({ ...AT_REST, ...news }), target)).toBe(false);
  expect(await unchanged(source, side({ ...AT_REST, UIDVALIDITY: 6, ...news }))).toBe(false);
});

test('a mailbox that a side does not tell of is not unchanged; without CONDSTORE none is', async () => {
  expect(await unchanged(side(refusal('refused', 'STATUS', { status: 'NO', text: 'no such mailbox' })), target)).toBe(false);
  expect(await unchanged(source, side({ ...AT_REST, UIDVALIDITY: 6 }, []))).toBe(false);
  expect(standingOf({ source: opened(AT_REST), target: opened({ ...AT_REST, HIGHESTMODSEQ: undefined }) }, 3, 100)).toBeUndefined();
});

test('after a pass that only appended, count and UIDNEXT tell that there is nothing else, and what its HIGHESTMODSEQ is from then on', async () => {
  const before = { UIDVALIDITY: 6, UIDNEXT: 10, MESSAGES: 1, HIGHESTMODSEQ: 30 };
  const standing = filledStanding({ source: opened(AT_REST), target: opened(before) }, { messages: 2, lastUid: 11 }, 3, 100)!;
  const pair = { sourceRef: 'INBOX', targetMailbox: 'INBOX', standing } as Pair;
  const ask = (atSource: Told, atTarget: Told) => findUnchanged({ source: side(atSource), target: side(atTarget) } as unknown as Visit, [pair]);
  const found = await ask(AT_REST, { ...AT_REST, UIDVALIDITY: 6 });
  expect(found.get(pair)?.target).toBe('6 12 3 40');
  expect((await ask({ ...AT_REST, HIGHESTMODSEQ: 41 }, { ...AT_REST, UIDVALIDITY: 6 })).has(pair)).toBe(false);
  for (const news of [{ MESSAGES: 2 }, { UIDNEXT: 13 }, { UIDNEXT: 13, MESSAGES: 4 }, { UIDVALIDITY: 8 }]) {
    expect((await ask(AT_REST, { ...AT_REST, UIDVALIDITY: 6, ...news })).has(pair)).toBe(false);
  }
  expect(filledStanding({ source: opened(AT_REST), target: opened({ ...before, HIGHESTMODSEQ: undefined }) }, { messages: 2, lastUid: 11 }, 3, 100)).toBeUndefined();
});
