import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { freeName, isOwn, pairNames, plainName, translate } from './names.ts';
import type { Mailbox, Space } from './names.ts';

const SLASH: Space = { prefix: '', delimiter: '/', foreign: [] };
const DOT: Space = { prefix: '', delimiter: '.', foreign: [] };
const COURIER: Space = { prefix: 'INBOX.', delimiter: '.', foreign: ['shared.', 'user.'] };

const box = (name: string, specialUse?: string, selectable = true): Mailbox => ({ name, selectable, specialUse });

test('names are carried across separators and prefixes', () => {
  expect(translate('Archiv/2024', SLASH, DOT)).toBe('Archiv.2024');
  expect(translate('INBOX.Sent.2024', COURIER, SLASH)).toBe('Sent/2024');
  expect(translate('Sent/2024', SLASH, COURIER)).toBe('INBOX.Sent.2024');
  expect(translate('inbox', COURIER, SLASH)).toBe('INBOX');
  expect(translate('Ops/a.b', SLASH, DOT)).toBe('Ops.a_b');
  expect(translate('Büro/Ägypten', SLASH, DOT)).toBe('Büro.Ägypten');
});

test('a name for a target that refuses unusual characters keeps its levels, and is nobody else’s', () => {
  expect(plainName('Das "gute" Fach/50%', SLASH)).toBe('Das _gute_ Fach/50_');
  expect(plainName('INBOX.a/b.c', COURIER)).toBe('INBOX.a_b.c');
  expect(plainName('a`b\tc😀', SLASH)).toBe('a_b_c😀');
  expect(freeName('a', new Set(['a', 'a-2']))).toBe('a-3');
  const source = { mailboxes: [box('a"'), box('a_')], space: SLASH };
  const target = { mailboxes: [box('a_'), box('b_')], space: SLASH };
  // `a_` is what another mailbox is called; what was made for `b"` before is found again.
  expect(pairNames(source, target, new Map())).toEqual(new Map([['a_', 'a_'], ['a"', 'a"']]));
  expect(pairNames({ mailboxes: [box('b"')], space: SLASH }, target, new Map()).get('b"')).toBe('b_');
});

test('what others share is not the account’s own', () => {
  expect(isOwn('shared.team', COURIER)).toBe(false);
  expect(isOwn('INBOX.team', COURIER)).toBe(true);
});

test('a mailbox is paired by what was chosen before, then by name, then by special use', () => {
  const source = { mailboxes: [box('INBOX'), box('Gesendet', '\\Sent'), box('Trash', '\\Trash'), box('Parent', undefined, false)], space: SLASH };
  const target = { mailboxes: [box('INBOX'), box('Sent Items', '\\Sent'), box('Trash'), box('Bin', '\\Trash')], space: SLASH };
  expect(pairNames(source, target, new Map())).toEqual(
    new Map([
      ['INBOX', 'INBOX'],
      ['Trash', 'Trash'],
      ['Gesendet', 'Sent Items'],
    ]),
  );
  expect(pairNames(source, target, new Map([['Gesendet', 'Gesendet']])).get('Gesendet')).toBe('Gesendet');
});

test('a mailbox of the target that another source mailbox is called is not given away by use', () => {
  const source = { mailboxes: [box('A', '\\Sent'), box('Sent')], space: SLASH };
  const target = { mailboxes: [box('Sent', '\\Sent')], space: SLASH };
  expect(pairNames(source, target, new Map())).toEqual(
    new Map([
      ['Sent', 'Sent'],
      ['A', 'A'],
    ]),
  );
});

test('no two share one', () => {
  const name = fc.array(fc.constantFrom('a', 'b', '.', '/', '_', '-2'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  const names = fc.uniqueArray(name, { maxLength: 12 });
  fc.assert(
    fc.property(names, names, fc.dictionary(name, name), (sources, targets, known) => {
      const pairs = pairNames(
        { mailboxes: sources.map((n) => box(n, '\\Sent')), space: SLASH },
        { mailboxes: targets.map((n) => box(n, '\\Sent')), space: DOT },
        new Map(Object.entries(known)),
      );
      expect(pairs.size).toBe(sources.length);
      expect(new Set(pairs.values()).size).toBe(sources.length);
    }),
  );
});
