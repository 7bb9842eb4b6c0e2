import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Candidate, chooseWaves } from './choose.ts';
import { planFile } from './plan-file.ts';

const accounts = (n: number): Candidate[] =>
  Array.from({ length: n }, (_, i) => ({ id: i + 1, address: `c${i}@example.net`, authority: i % 2 === 0 ? 'ours' : 'old' }));
const waves = (list: unknown) => planFile.parse({ plan: 'p', from: 'old', to: 'new', waves: list }).waves;

test('1 %, 9 % and the rest of 280 are 3, 25 and 252', () => {
  const chosen = chooseWaves(waves([{ name: 'a', share: '1%' }, { name: 'b', share: '9%' }, { name: 'c', share: 'rest' }]), accounts(280), 'plan.yaml');
  expect(chosen.map((wave) => wave.accounts.length)).toEqual([3, 25, 252]);
});

test('no account is in two waves, and with a rest every account is in one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 300 }), fc.double({ min: 0.01, max: 0.4, noNaN: true }), (n, share) => {
      const chosen = chooseWaves(
        waves([
          { name: 'share', share: `${(share * 100).toFixed(2)}%` },
          { name: 'named', accounts: ['c3@example.net'] },
          { name: 'rest', share: 'rest' },
        ]),
        accounts(n),
        'plan.yaml',
      );
      const ids = chosen.flatMap((wave) => wave.accounts.map((account) => account.id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(n);
      expect(chosen[1]!.accounts.map((account) => account.address)).toEqual(['c3@example.net']);
    }),
  );
});

test('the same accounts in another order give the same waves', () => {
  const list = waves([{ name: 'a', share: '10%' }]);
  expect(chooseWaves(list, accounts(50).toReversed(), 'p')).toEqual(chooseWaves(list, accounts(50), 'p'));
});

test('a query takes by pattern and authority', () => {
  const [wave] = chooseWaves(waves([{ name: 'q', query: { address: 'C1*@Example.net', authority: 'old' } }]), accounts(20), 'p');
  expect(wave!.accounts.map((account) => account.address).sort()).toEqual(
    ['c1', 'c11', 'c13', 'c15', 'c17', 'c19'].map((name) => `${name}@example.net`).sort(),
  );
});

test('a stranger in a list and an empty wave are named', () => {
  expect(() => chooseWaves(waves([{ name: 'x', accounts: ['who@example.net'] }]), accounts(3), 'plan.yaml')).toThrow(/who@example.net/);
  expect(() => chooseWaves(waves([{ name: 'a', share: 'rest' }, { name: 'b', share: 'rest' }]), accounts(3), 'plan.yaml')).toThrow(/"b" has no account/);
});
