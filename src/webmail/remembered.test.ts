import { expect, test } from 'vitest';
import { createMailMemory } from './mail/memory.ts';
import type { Past } from './mail-access.ts';
import { createRemembered, type Remembered } from './remembered.ts';

/** Which accounts were made anew, in their order. */
function world(): { made: string[]; of: (accountId: number, home?: string) => Remembered } {
  const made: string[] = [];
  const remembered = createRemembered((accountId, home) => {
    made.push(`${accountId} ${home}`);
    return { memory: createMailMemory(), past: {} as Past };
  });
  return { made, of: (accountId, home = 'old') => remembered(accountId, home) };
}

/** A list takes 6 bytes a message; of zeros, so that the test does not take as much itself. */
const MESSAGES_OF_12_MB = 2 * 1024 * 1024;
function look({ memory }: Remembered, search = 'inbox', messages = MESSAGES_OF_12_MB): void {
  memory.lists.set(search, { boxes: [], places: { box: new Uint16Array(messages), uid: new Uint32Array(messages) } });
}

test('an account is remembered, at each home by itself', () => {
  const { made, of } = world();
  const first = of(1);
  expect(of(1)).toBe(first);
  expect(of(1, 'new')).not.toBe(first);
  expect(of(2)).not.toBe(first);
  expect(made).toEqual(['1 old', '1 new', '2 old']);
});

test('of a thousand accounts who has not asked for the longest is forgotten', () => {
  const { made, of } = world();
  const kept = of(1);
  for (let id = 2; id <= 1_000; id += 1) of(id);
  expect(of(1)).toBe(kept);
  of(1_001);
  expect(made).toHaveLength(1_001);
  expect(of(1)).toBe(kept);
  of(3);
  expect(made).toHaveLength(1_001);
  of(2);
  expect(made.slice(1_001)).toEqual(['2 old']);
});

test('lists of all accounts together stay under 128 MB; who asks now is never forgotten', () => {
  const { made, of } = world();
  for (let id = 1; id <= 10; id += 1) look(of(id));
  // 120 MB: all are there.
  expect(of(1).memory.lists.get('inbox')).toBeDefined();
  look(of(11));
  // What is too much by now is found at the next request: the second has not asked for the longest.
  of(11);
  expect(made).toHaveLength(11);
  expect(of(1).memory.lists.get('inbox')).toBeDefined();
  expect(of(2).memory.lists.get('inbox')).toBeUndefined();
  expect(made.slice(11)).toEqual(['2 old']);

  // One alone has more than all may have: it forgets the others, and goes on.
  const large = of(12);
  for (let n = 0; n < 11; n += 1) look(large, `search ${n}`);
  expect(of(12)).toBe(large);
  expect(large.memory.weight()).toBeGreaterThan(128 * 1024 * 1024);
  const before = made.length;
  of(11);
  expect(made.slice(before)).toEqual(['11 old']);
  // And is forgotten itself when another one has asked since.
  expect(of(12)).not.toBe(large);
});

test('rows of lists take at most 32 MB together, and go before anything else of an account does', () => {
  const { made, of } = world();
  /** Some 70 KB. */
  const show = ({ memory }: Remembered): void => {
    for (let uid = 1; uid <= 20; uid += 1) memory.rows.put({ box: 'M1', uidValidity: 1, uid }, { preview: 'x'.repeat(3_400) });
  };
  for (let id = 1; id <= 480; id += 1) {
    look(of(id), 'inbox', 10);
    show(of(id));
  }
  of(480);
  expect(made).toHaveLength(480);
  const kept = (id: number): boolean => of(id).memory.rows.bytes() > 0;
  expect([kept(480), kept(100), kept(1), kept(5)]).toEqual([true, true, false, false]);
  expect(of(1).memory.lists.get('inbox')).toBeDefined();
  expect(made).toHaveLength(480);
});
