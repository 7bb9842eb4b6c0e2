import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SetError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { applyPatch } from './patch.ts';
import { runSet, type SetActions } from './set.ts';

const options = (createdIds = new Map<string, string>()) => ({ limits: LIMITS, createdIds, onFault: () => {}, state: () => Promise.resolve('1') });

test('patches as in RFC 8620 section 5.3', () => {
  expect(applyPatch({ a: { b: 1, c: 2 }, d: 3 }, { 'a/b': null, 'a/x~1y': 4, d: 5 })).toEqual({ a: { c: 2, 'x/y': 4 }, d: 5 });
  const invalid = (object: object, patch: Record<string, unknown>): unknown => {
    try {
      return applyPatch(object as Record<string, unknown>, patch);
    } catch (error) {
      return error instanceof SetError ? error.type : error;
    }
  };
  expect(invalid({ a: {} }, { a: {}, 'a/b': 1 })).toBe('invalidPatch');
  expect(invalid({}, { 'a/b': 1 })).toBe('invalidPatch');
  expect(invalid({ a: [1] }, { 'a/0': 1 })).toBe('invalidPatch');
});

test('any patch gives an object or invalidPatch, and never reaches a prototype', () => {
  const path = fc.array(fc.constantFrom('a', 'b', '__proto__', 'constructor', '~', '~1', ''), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 3 })), fc.dictionary(path, fc.jsonValue({ maxDepth: 2 })), (object, patch) => {
      try {
        applyPatch(object as Record<string, unknown>, patch);
      } catch (error) {
        expect(error).toBeInstanceOf(SetError);
      }
      expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    }),
  );
});

test('each object is answered once; what refers to another is made after it; what will be destroyed is not changed', async () => {
  const made: string[] = [];
  const createdIds = new Map<string, string>();
  const actions: SetActions = {
    create: async (properties) => {
      made.push(String(properties['name']));
      if (properties['name'] === 'bad') throw new SetError('invalidProperties');
      return { id: `id-${String(properties['name'])}` };
    },
    update: async (id) => (id === 'id-parent' ? { count: 1 } : null),
    destroy: async (id) => {
      if (id === 'gone') throw new SetError('notFound');
    },
  };
  const answer = await runSet(
    {
      accountId: 'u',
      create: { c: { name: 'child', parentId: '#p' }, p: { name: 'parent', parentId: null }, x: { name: 'bad' }, l: { name: 'loop', parentId: '#l' } },
      update: { '#p': {}, other: {}, both: {} },
      destroy: ['gone', 'both', 'both'],
    },
    actions,
    options(createdIds),
  );
  expect(made.indexOf('parent')).toBeLessThan(made.indexOf('child'));
  expect(answer).toMatchObject({
    created: { c: { id: 'id-child' }, p: { id: 'id-parent' }, l: { id: 'id-loop' } },
    notCreated: { x: { type: 'invalidProperties' } },
    updated: { 'id-parent': { count: 1 }, other: null },
    notUpdated: { both: { type: 'willDestroy' } },
    destroyed: ['both'],
    notDestroyed: { gone: { type: 'notFound' } },
  });
  await expect(runSet({ accountId: 'u', ifInState: '0' }, actions, options())).rejects.toMatchObject({ type: 'stateMismatch' });
  const many = Array.from({ length: LIMITS.maxObjectsInSet + 1 }, (_, n) => `i${n}`);
  await expect(runSet({ accountId: 'u', destroy: many }, actions, options())).rejects.toMatchObject({ type: 'requestTooLarge' });
});
