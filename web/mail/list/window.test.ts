import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PAGE } from '#webmail/start/api.ts';
import { around, emptyWindow, missingPages, runsOf, shiftOf, type Window, without, withPage } from './window.ts';

const names = (from: number, count: number): string[] => Array.from({ length: count }, (_, n) => `e${from + n}`);

test('a hundred thousand rows are there at once, and only what is looked at is asked for', () => {
  let window = emptyWindow(100_000);
  expect(missingPages(window, 0, 20)).toEqual([0]);
  window = withPage(window, { queryState: 'a', position: 0, ids: names(0, PAGE) }, PAGE);
  expect(window.ids).toHaveLength(100_000);
  expect(window.isCounted).toBe(false);
  expect(missingPages(window, 0, 20)).toEqual([]);
  expect(missingPages(window, 50_090, 50_110)).toEqual([50_050, 50_100]);
  window = withPage(window, { queryState: 'a', position: 50_000, ids: names(50_000, PAGE), total: 99_990 }, PAGE);
  expect(window.ids).toHaveLength(99_990);
  expect(window.isCounted).toBe(true);
  expect(window.ids[0]).toBe('e0');
  expect(window.ids[50_049]).toBe('e50049');
  expect(window.ids[200]).toBeUndefined();
});

test('a short page is the end of the list', () => {
  const window = withPage(emptyWindow(500), { queryState: 'a', position: 0, ids: names(0, 3) }, PAGE);
  expect(window.ids).toEqual(['e0', 'e1', 'e2']);
  expect(window.isCounted).toBe(true);
});

test('a list that was emptied and filled again has the rows that the mailbox counts', () => {
  const empty = withPage(emptyWindow(300), { queryState: 'a', position: 0, ids: [] }, PAGE);
  expect(withPage(empty, { queryState: 'b', position: 0, ids: names(0, PAGE) }, PAGE, 300).ids).toHaveLength(300);
});

test('a page of another state clears what may be wrong', () => {
  const before = withPage(emptyWindow(300), { queryState: 'a', position: 0, ids: names(0, PAGE) }, PAGE);
  const after = withPage(before, { queryState: 'b', position: 100, ids: names(99, PAGE), total: 301 }, PAGE);
  expect(after.ids[0]).toBeUndefined();
  expect(after.ids[100]).toBe('e99');
  expect(after.ids).toHaveLength(301);
});

test('new mail moves the rows down, and what is on the screen stays by its id', () => {
  const before = withPage(emptyWindow(1_000), { queryState: 'a', position: 0, ids: names(0, PAGE) }, PAGE);
  const after = withPage(before, { queryState: 'b', position: 0, ids: ['new', ...names(0, PAGE - 1)], total: 1_001 }, PAGE);
  expect(shiftOf(before, after, 40)).toBe(1);
});

test('pages side by side are asked for together', () => {
  expect(runsOf([100, 150, 300])).toEqual([{ position: 100, limit: 2 * PAGE }, { position: 300, limit: PAGE }]);
  expect(runsOf([])).toEqual([]);
});

test('of a jump that lies in two pages only what is looked at is read, with its neighbours', () => {
  const [run] = runsOf([49_950, 50_000]);
  expect(around(run!, 49_992, 50_016)).toEqual({ position: 49_980, limit: 49 });
  expect(around(run!, 49_950, 49_990)).toEqual({ position: 49_950, limit: 53 });
  expect(around({ position: 50, limit: PAGE }, 60, 80)).toEqual({ position: 50, limit: PAGE });
});

test('what is deleted is gone from the screen before the server answers', () => {
  const window = withPage(emptyWindow(5), { queryState: 'a', position: 0, ids: names(0, 5) }, PAGE);
  expect(without(window, new Set(['e1', 'e3'])).ids).toEqual(['e0', 'e2', 'e4']);
});

test('a known row is never wrong, whatever pages were read and whatever changed', () => {
  const changes = fc.array(fc.oneof(fc.record({ take: fc.nat() }), fc.record({ put: fc.nat() }), fc.record({ read: fc.nat() })), { maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), changes, (length, steps) => {
      let server = names(0, length);
      let state = 0;
      let count = length;
      let window: Window = { ...emptyWindow(length), queryState: '0' };
      for (const step of steps) {
        if ('take' in step && server.length > 0) server = server.toSpliced(step.take % server.length, 1);
        else if ('put' in step) server = server.toSpliced(step.put % (server.length + 1), 0, `e${(count += 1)}`);
        else if ('read' in step) {
          const position = (step.read % (server.length + 1)) - ((step.read % (server.length + 1)) % PAGE);
          window = withPage(window, { queryState: String(state), position, ids: server.slice(position, position + PAGE), total: server.length }, PAGE);
          expect(window.ids).toHaveLength(server.length);
          window.ids.forEach((id, at) => expect(id === undefined || id === server[at]).toBe(true));
          continue;
        } else continue;
        state += 1;
      }
    }),
  );
});
