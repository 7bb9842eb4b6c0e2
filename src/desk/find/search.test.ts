import { expect, test } from 'vitest';
import { createSearch, type Person } from './search.ts';

const person = (id: number, address: string, more: Partial<Person> = {}): Person => ({ id, address, state: 'active', home: 'old', loginNames: [address], recipients: [address], name: '', number: '', phones: [], ...more });

function among(...people: Person[]) {
  const search = createSearch();
  for (const each of people) search.put(each);
  return { search, found: (query: string) => search.find(query).accounts.map(({ id }) => id) };
}

const MARIA = person(1, 'mnunez@isp.example', { name: 'María Núñez Groß', number: 'K-20417', phones: ['+491715550101'], loginNames: ['mnunez@isp.example', 'maria77'], recipients: ['mnunez@isp.example', 'verein@isp.example'] });
const MARTIN = person(2, 'martin@isp.example', { name: 'Martin Ulm', number: 'K-204', phones: ['0305550102'] });

test.each([
  ['nunez', 'name without accents'],
  ['NÚÑ', 'a part, in capitals'],
  ['gross maria', 'words in any order, ß as ss'],
  ['nez@isp', 'a part of the address'],
  ['maria77', 'a login name'],
  ['verein', 'an alias'],
  ['20417', 'a customer number'],
  ['0171 555 01 01', 'a phone as written at home'],
  ['+49 (171) 5550101', 'a phone with its country'],
  ['555-0101', 'the end of a phone'],
  ['maria 20417', 'a name and a number'],
])('%s finds her: %s', (query) => {
  expect(among(MARIA, MARTIN).found(query)).toEqual([1]);
});

test('what is exactly so comes before what begins so, and that before what has it inside', () => {
  const { found } = among(person(1, 'xanna@isp.example'), person(2, 'hanna@isp.example', { loginNames: ['anna'] }), person(3, 'anna.b@isp.example'), person(4, 'b.anna@isp.example'));
  expect(found('anna')).toEqual([2, 3, 4, 1]);
  expect(found('ANNA.B@isp.example')).toEqual([3]);
  const numbered = among(...[1, 10, 11, 100, 21, 31].map((n) => person(n, `maria.nunez${n}@isp.example`, { name: 'María Núñez' })));
  expect(numbered.found('maria.nunez1')).toEqual([1, 100, 10, 11]);
  expect(numbered.found('maria nunez1')[0]).toBe(1);
});

test('it is said what somebody was found by, where it is not to be seen', () => {
  const { search } = among(MARIA);
  const by = (query: string) => search.find(query).accounts[0]?.by;
  expect(by('maria')).toBeUndefined();
  expect(by('maria77')).toEqual({ what: 'login name', text: 'maria77' });
  expect(by('verein')).toEqual({ what: 'recipient', text: 'verein@isp.example' });
  expect(by('0171 5550101')).toEqual({ what: 'phone', text: '+491715550101' });
  expect(by('20417')).toEqual({ what: 'customer number', text: 'K-20417' });
});

test('nobody is found by nothing, by a word that is not there, or after he is gone', () => {
  const { search, found } = among(MARIA, MARTIN);
  expect(found('   ')).toEqual([]);
  expect(found('maria ulm')).toEqual([]);
  expect(found('%')).toEqual([]);
  search.remove(1);
  expect(found('maria')).toEqual([]);
  search.put({ ...MARTIN, name: 'Maria Ulm' });
  expect(found('maria ulm')).toEqual([2]);
});

test('the first twenty, and how many there are', () => {
  const { search } = among(...Array.from({ length: 500 }, (_, id) => person(id + 1, `customer${String(id).padStart(3, '0')}@isp.example`)));
  const { accounts, total } = search.find('customer');
  expect(total).toBe(500);
  expect(accounts.map(({ address }) => address.slice(8, 11))).toEqual(Array.from({ length: 20 }, (_, id) => String(id).padStart(3, '0')));
});
