import { expect, test } from 'vitest';
import { type Pending, WAIT_MS } from '#ui/keys/press.ts';
import { type Command, KEYMAP, press } from './keymap.ts';

function typed(keys: readonly string[], { modified = false, typing = false, pause = 10 } = {}): (Command | undefined)[] {
  let pending: Pending;
  return keys.map((key, n) => {
    const step = press(pending, { key, isModified: modified, isTyping: typing, at: n * pause });
    pending = step.pending;
    return step.command;
  });
}

test('single keys and sequences', () => {
  expect(typed(['j', 'k', 'e', 'Shift', '#', '!', '?', '/'])).toEqual(['next', 'previous', 'archive', undefined, 'delete', 'spam', 'help', 'search']);
  expect(typed(['g', 'i', 'j'])).toEqual([undefined, 'goInbox', 'next']);
  expect(typed(['Shift', '*', 'a'])).toEqual([undefined, undefined, 'chooseAll']);
});

test('a sequence that goes wrong does nothing, least of all what its last key means alone', () => {
  expect(typed(['g', 'e', 'e'])).toEqual([undefined, undefined, 'archive']);
  expect(typed(['g', 'g', 'i'])).toEqual([undefined, undefined, 'goInbox']);
});

test('a sequence does not wait for ever', () => {
  expect(typed(['g', 'd'], { pause: WAIT_MS + 1 })).toEqual([undefined, undefined]);
  expect(typed(['g', 'a'], { pause: WAIT_MS + 1 })[1]).toBe('replyAll');
});

test('nothing acts where text is typed, or with keys that the browser has', () => {
  for (const options of [{ modified: true }, { typing: true }]) expect(typed(['e', '#', 'g', 'i'], options).every((command) => command === undefined)).toBe(true);
});

test('no key stands for two commands, nor begins a sequence and acts', () => {
  const all = Object.values(KEYMAP).flatMap(({ keys }) => [...keys] as string[]);
  expect(new Set(all).size).toBe(all.length);
  const firsts = all.filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0] ?? '');
  expect(all.filter((keys) => firsts.includes(keys))).toEqual([]);
});
