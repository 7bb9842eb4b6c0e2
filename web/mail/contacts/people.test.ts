import { expect, test } from 'vitest';
import type { Contact } from '#webmail/contacts/api.ts';
import { addressesOf, found, groupsOf, inOrder, subtitleOf, titleOf } from './people.ts';

const contact = (over: Partial<Contact>): Contact => ({ id: over.name ?? 'x', name: '', company: '', emails: [], phones: [], notes: '', groups: [], ...over });
const jorg = contact({ name: 'Jörg Müller', company: 'ACME', emails: [{ label: 'work', address: 'jm@acme.example' }], groups: ['Choir'] });
const ann = contact({ name: 'ann Ölund', phones: [{ label: '', number: '+46 (8) 12 34' }], groups: ['Board', 'Choir'] });
const shop = contact({ company: 'Zoo', emails: [{ label: '', address: 'hello@zoo.example' }], notes: 'opens at\nnine' });

test('who has no name is shown by what there is, and everybody in the order of his language', () => {
  expect([titleOf(shop), subtitleOf(shop), subtitleOf(jorg), subtitleOf(ann)]).toEqual(['Zoo', 'hello@zoo.example', 'ACME · jm@acme.example', '+46 (8) 12 34']);
  expect(inOrder([shop, jorg, ann], 'en').map(titleOf)).toEqual(['ann Ölund', 'Jörg Müller', 'Zoo']);
});

test.each([
  ['jorg', [jorg]],
  ['MÜLL', [jorg]],
  ['acme jm', [jorg]],
  ['choir', [jorg, ann]],
  ['+4681', [ann]],
  ['nine', [shop]],
  ['example', [jorg, shop]],
  ['rg', []],
  [' ', [jorg, ann, shop]],
])('%j finds', (typed, expected) => {
  expect(found([jorg, ann, shop], typed)).toEqual(expected);
});

test('groups with their sizes, and whom a letter to one goes to', () => {
  expect(groupsOf([jorg, ann, shop], 'en')).toEqual([{ name: 'Board', count: 1 }, { name: 'Choir', count: 2 }]);
  expect(addressesOf([jorg, ann, shop])).toEqual([{ name: 'Jörg Müller', email: 'jm@acme.example' }, { name: '', email: 'hello@zoo.example' }]);
});
