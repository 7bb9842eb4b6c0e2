import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';
import { checkoutFolder, defaultDataFolder } from './paths.ts';

test('the default data folder is one for each checkout as root, else in it', () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'causeway-paths-'));
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  try {
    expect(defaultDataFolder(folder, 1_000)).toBe(join(folder, 'var'));
    expect(defaultDataFolder(folder, 0)).toMatch(/^\/var\/lib\/causeway\/[0-9a-f]{12}$/);
    expect(defaultDataFolder(link, 0)).toBe(defaultDataFolder(folder, 0));
    expect(defaultDataFolder(checkoutFolder(), 0)).not.toBe(defaultDataFolder(folder, 0));
  } finally {
    rmSync(link);
    rmSync(folder, { recursive: true });
  }
});

test('a slip of the fingers is recognised, another word is not', () => {
  const known = ['listen', 'platforms', 'port'];
  expect(nearest('platfroms', known)).toBe('platforms');
  expect(nearest('Lissten', known)).toBe('listen');
  expect(nearest('prot', known)).toBe('port');
  expect(nearest('pot', known)).toBe('port');
  expect(nearest('database', known)).toBeUndefined();
  expect(nearest('x'.repeat(1e6), known)).toBeUndefined();
});
