import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { violations, webViolations } from './floors.ts';

let src: string;
beforeEach(() => {
  src = mkdtempSync(join(tmpdir(), 'causeway-floors-'));
});
afterEach(() => rmSync(src, { recursive: true }));

function plant(files: Record<string, string>): string[] {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true });
    writeFileSync(join(src, name), text);
  }
  return violations(src);
}

test('the house as it stands has no violation', () => {
  expect(violations(resolve(import.meta.dirname, '../src'))).toEqual([]);
  expect(webViolations(resolve(import.meta.dirname, '../web'))).toEqual([]);
});

test('a page that reaches into the server, into Node or into another app is found', () => {
  const web = (files: Record<string, string>): string[] => (plant(files), webViolations(src));
  expect(web({ 'mail/a.tsx': `import { Button } from '#ui/Button.tsx'; import type { S } from '#webmail/settings/api.ts'; import x from 'react';`, 'ui/Button.tsx': `import { y } from './y.ts';` })).toEqual([]);
  for (const form of [`import { x } from '#webmail/portal.ts';`, `import { x } from 'node:fs';`, `import '../desk/b.ts';`]) expect(web({ 'mail/a.tsx': form }), form).toHaveLength(1);
  expect(web({ 'mail/a.tsx': '', 'ui/Button.tsx': `import '../mail/a.tsx';` })).toHaveLength(1);
});

test('a planted upward import is found, whatever its form', () => {
  const forms = [
    `import { x } from '#signin/replies.ts';`,
    `import type { X } from '#signin/replies.ts';`,
    `export type { X } from '../signin/replies.ts';`,
    `const x = await import('#signin/replies.ts');`,
    `import {\n  x,\n} from\n  '#signin/replies.ts';`,
    `type X = import('#signin/replies.ts').X;`,
  ];
  for (const form of forms) {
    const found = plant({ 'net/a.ts': form, 'signin/replies.ts': 'export {};' });
    expect(found, form).toHaveLength(1);
    expect(found[0]).toContain('net/a.ts (floor 1)');
  }
});

test('the same floor, another room, is refused; errors is free to all', () => {
  expect(plant({ 'imap/a.ts': `import '#directory/b.ts';`, 'directory/b.ts': '' })).toHaveLength(1);
  expect(plant({ 'imap/a.ts': `import '#errors/index.ts';`, 'wire/c.ts': `import '#errors/index.ts';`, 'errors/index.ts': '' })).toEqual([]);
});

test('practice may not know the store, though that is below it', () => {
  expect(plant({ 'practice/a.ts': `import '#store/b.ts';`, 'store/b.ts': '' })[0]).toContain('practice may import only');
});

test('a circle within a room is found', () => {
  expect(plant({ 'net/a.ts': `import './b.ts';`, 'net/b.ts': `import './a.ts';` })[0]).toContain('circle');
});

test('a room that is not on the plan is found', () => {
  expect(plant({ 'attic/a.ts': '' })[0]).toContain('not on the plan');
});
