import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Harness, startHarness, USER } from '../mail/harness.testing.ts';
import { type About, activate, changePart, listScripts, OUR_SCRIPT, readPart, readText, removeScript, type RunSieve, withRules, writeText } from './account-scripts.ts';
import type { Rule } from './api.ts';

const ABOUT: About = { own: [USER], mailboxName: (levels) => levels.join('/') };
const THEIRS = 'require "fileinto";\r\nif header :is "Subject" "x" { fileinto "Old"; }\r\n';
const RULE: Rule = { name: 'Choir', enabled: true, match: 'all', conditions: [{ field: 'from', test: 'contains', value: 'choir' }], actions: [{ kind: 'move', mailbox: ['Lists', 'Choir'] }] };

let harness: Harness;
let run: RunSieve;
beforeEach(async () => {
  harness = await startHarness({ INBOX: [], 'Lists/Choir': [] });
  run = harness.access.sieve!;
});
afterEach(() => harness.close());

test('rules where there was no script get one of ours, which goes with the last of them', async () => {
  expect(await readPart(run)).toMatchObject({ part: { rules: [] }, others: '', able: { move: true, vacation: true, dates: true } });
  await changePart(run, ABOUT, withRules([RULE]));
  expect(await listScripts(run)).toEqual([{ name: OUR_SCRIPT, active: true }]);
  expect(await readPart(run)).toMatchObject({ part: { rules: [RULE] }, edited: false });
  expect(await readText(run, OUR_SCRIPT)).toContain('fileinto :create "Lists/Choir";');
  await changePart(run, ABOUT, withRules([]));
  expect(await listScripts(run)).toEqual([]);
});

test("another program's script stays the active one, with its own rules to the byte, and what changed meanwhile is not written over", async () => {
  await writeText(run, 'roundcube', THEIRS);
  await activate(run, 'roundcube');
  const before = await readPart(run);
  const after = await changePart(run, ABOUT, withRules([RULE]), before.revision);
  expect(after.others).toBe(THEIRS);
  expect(await listScripts(run)).toEqual([{ name: 'roundcube', active: true }]);
  await expect(changePart(run, ABOUT, withRules([]), before.revision)).rejects.toMatchObject({ code: 'conflict' });
  await changePart(run, ABOUT, withRules([]), after.revision);
  expect(await readText(run, 'roundcube')).toBe(THEIRS);
  await expect(writeText(run, 'bad', 'keep')).rejects.toMatchObject({ code: 'input', customerText: expect.stringContaining('A semicolon is missing at the end.') });
  await removeScript(run, 'roundcube');
  expect(await listScripts(run)).toEqual([]);
  await expect(readText(run, 'roundcube')).rejects.toMatchObject({ code: 'not-found' });
});

test('VacationResponse: off at first, set and read again beside rules, refused where the platform has none', async () => {
  await changePart(run, ABOUT, withRules([RULE]));
  const got = await harness.call<{ list: object[]; state: string; notFound: string[] }>('VacationResponse/get', { ids: ['singleton', 'x'] });
  expect(got).toMatchObject({ list: [{ id: 'singleton', isEnabled: false, textBody: null }], notFound: ['x'] });
  const set = await harness.call('VacationResponse/set', { ifInState: got.state, update: { singleton: { isEnabled: true, textBody: 'Away until "May".', toDate: '2027-05-01T00:00:00Z' } }, create: { a: {} }, destroy: ['singleton2'] });
  expect(set).toMatchObject({ updated: { singleton: null }, notCreated: { a: { type: 'singleton' } }, notDestroyed: { singleton2: { type: 'singleton' } } });
  expect(await harness.call('VacationResponse/get', {})).toMatchObject({ list: [{ isEnabled: true, textBody: 'Away until "May".', toDate: '2027-05-01T00:00:00Z', fromDate: null }] });
  expect(await readText(run, OUR_SCRIPT)).toContain(`vacation :days 7 :addresses ["${USER}", "jd@example.net"] "Away until \\"May\\".";`);
  expect((await readPart(run)).part.rules).toEqual([RULE]);
  expect(await harness.call('VacationResponse/set', { update: { singleton: { toDate: null, subject: null } } })).toMatchObject({ updated: { singleton: null }, notUpdated: null });
  expect(await harness.call('VacationResponse/get', {})).toMatchObject({ list: [{ isEnabled: true, toDate: null }] });
  expect(await harness.call('VacationResponse/set', { update: { singleton: { toDate: 'tomorrow', more: 1 }, other: {} } })).toMatchObject({ notUpdated: { singleton: { type: 'invalidProperties', properties: expect.arrayContaining(['toDate', 'more']) }, other: { type: 'notFound' } } });
  expect(await harness.error('VacationResponse/set', { ifInState: got.state, update: {} })).toBe('stateMismatch');
  Object.assign(harness.access, { sieve: undefined });
  expect(await harness.error('VacationResponse/get', {})).toBe('accountNotSupportedByMethod');
});
