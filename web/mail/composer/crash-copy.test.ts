import { expect, test } from 'vitest';
import { createCrashStore, type CrashCopy } from './crash-copy.ts';
import type { Message } from './message.ts';

function memory(limit = Infinity): Storage {
  const map = new Map<string, string>();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem(key, value) {
      if (value.length > limit) throw new DOMException('full', 'QuotaExceededError');
      map.set(key, value);
    },
    removeItem: (key) => void map.delete(key),
    key: (index) => [...map.keys()][index] ?? null,
    clear: () => map.clear(),
    get length() {
      return map.size;
    },
  };
}

const MESSAGE: Message = { identityId: 'I', to: [], cc: [], bcc: [], subject: 'Tea', mode: 'rich', html: '<p>x</p>', text: '', quote: undefined, attachments: [], inReplyTo: [], references: [], origin: undefined };
const copy = (id: string, at: number, message: Message | undefined = MESSAGE): CrashCopy => ({ id, at, message, emailId: undefined, messageId: undefined, subject: 'Tea' });

test('what no open composer has is offered, the newest first', async () => {
  const storage = memory();
  const store = createCrashStore({ storage, accountId: 'A', now: () => 100, isOpen: async (id) => id === 'b' });
  store.keep(copy('a', 1));
  store.keep(copy('b', 2));
  store.keep(copy('c', 3));
  expect((await store.orphans()).map(({ id }) => id)).toEqual(['c', 'a']);
  store.forget('c');
  expect(await store.orphans()).toEqual([copy('a', 1)]);
});

test("another account's are never seen, and a sign-out leaves none of one's own", async () => {
  const storage = memory();
  const parts = { storage, now: () => 100, isOpen: async () => false };
  const ada = createCrashStore({ ...parts, accountId: 'A' });
  const joe = createCrashStore({ ...parts, accountId: 'J' });
  ada.keep(copy('a', 1));
  joe.keep(copy('j', 1));
  ada.forgetAll();
  expect(await ada.orphans()).toEqual([]);
  expect((await joe.orphans()).map(({ id }) => id)).toEqual(['j']);
});

test('bounded in number, size and age', async () => {
  const storage = memory();
  let now = 100;
  const store = createCrashStore({ storage, accountId: 'A', now: () => now, isOpen: async () => false });
  for (let index = 0; index < 20; index += 1) store.keep(copy(`c${index}`, index));
  expect((await store.orphans()).map(({ id }) => id)).toEqual([19, 18, 17, 16, 15, 14, 13, 12].map((index) => `c${index}`));
  store.keep(copy('quoted', 30, { ...MESSAGE, quote: { html: 'q'.repeat(700_000), text: '' } }));
  expect((await store.orphans())[0]).toEqual(copy('quoted', 30));
  store.keep(copy('huge', 40, { ...MESSAGE, html: 'h'.repeat(700_000) }));
  expect((await store.orphans()).some(({ id }) => id === 'huge')).toBe(false);
  now += 5 * 24 * 3_600_000;
  expect(await store.orphans()).toEqual([]);
  expect(storage.length).toBe(0);
});

test('a store that is full or broken costs nothing but the copy', async () => {
  const storage = memory(50);
  const store = createCrashStore({ storage, accountId: 'A', now: () => 100, isOpen: async () => false });
  store.keep(copy('a', 1));
  storage.setItem('causeway.writing.A.b', '{"id":');
  storage.setItem('causeway.writing.A.c', '[]');
  expect(await store.orphans()).toEqual([]);
});
