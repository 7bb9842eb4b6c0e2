import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { connect } from '#imap/connect.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { addUser, createPlatform, seedMailbox, type SeedMessage, type Vice } from '#practice/index.ts';
import { planMove } from './plan.ts';
import { mail } from './testing.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

async function open(mailboxes: Readonly<Record<string, readonly SeedMessage[]>>, { separator = '/' as '/' | '.', specialUse = {} as Record<string, string[]>, uidValidityBase = 0, vices = new Set<Vice>() } = {}): Promise<ImapConnection> {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  addUser(folder, 'ada', undefined, { uidValidityBase });
  for (const [name, messages] of Object.entries(mailboxes)) seedMailbox(folder, 'ada', name, messages, { separator, uidValidityBase, specialUse: specialUse[name] });
  writeFileSync(join(folder, 'token'), 'let-me-in');
  const platform = await createPlatform({ name: 'one', folder, separator, uidValidityBase, vices, trustedTokenFile: join(folder, 'token') });
  cleanUps.push(() => platform.close());
  const connection = await connect({ host: '127.0.0.1', port: platform.trustedPort, tls: 'plain' }, { clock: systemClock, connectMs: 20_000, commandMs: 20_000 });
  cleanUps.push(() => connection.destroy());
  await connection.login({ user: 'ada', password: 'let-me-in' });
  return connection;
}

test('names, counts and sizes, and what is done by a rule', async () => {
  const source = await open({ INBOX: [mail('one'), mail('two', { keywords: ['Work'] })], 'Ops/a.b': [mail('three')], Gesendet: [], trash: [], Trash: [mail('gone')] }, { specialUse: { Gesendet: ['\\Sent'] } });
  const target = await open({ 'Sent Items': [], Left: [mail('here before')] }, { separator: '.', specialUse: { 'Sent Items': ['\\Sent'] }, uidValidityBase: 50_000_000 });
  const plan = await planMove(source, target);
  expect(plan.messages).toBe(4);
  expect(plan.mailboxes.find((each) => each.source === 'INBOX')).toMatchObject({ target: 'INBOX', exists: true, messages: 2, bytes: mail('one').bytes!.length + mail('two').bytes!.length });
  expect(plan.mailboxes.map((each) => [each.source, each.target, each.exists]).sort()).toEqual([
    ['Gesendet', 'Sent Items', true],
    ['INBOX', 'INBOX', true],
    ['Ops/a.b', 'Ops.a_b', false],
    ['Trash', 'Trash', false],
    ['trash', 'trash', false],
  ]);
  expect(plan.findings.map(({ kind, stops, mailbox }) => [kind, stops, mailbox]).sort()).toEqual([
    ['case', false, expect.stringMatching(/^trash$/i)],
    ['emptied', false, 'Left'],
    ['name', false, 'Gesendet'],
    ['name', false, 'Ops/a.b'],
  ]);
  // The target was looked at, no more.
  expect(await target.status('Left', ['MESSAGES'])).toEqual({ MESSAGES: 1 });
  expect((await target.list('', '*')).map(({ name }) => name).sort()).toEqual(['INBOX', 'Left', 'Sent Items']);
});

test('what would stop the move is told before it', async () => {
  const source = await open({ INBOX: [mail('one', { keywords: ['Work'] }), mail('large', { size: 50_000 })] });
  const target = await open({});
  const { uidValidity } = await source.examine('INBOX');
  // A platform with limits, as it would announce them.
  const limited: ImapConnection = {
    ...target,
    capabilities: new Set([...target.capabilities, 'APPENDLIMIT=20000', 'QUOTA']),
    select: async (mailbox) => ({ ...(await target.select(mailbox)), permanentFlags: ['\\Seen'], uidValidity }),
    async run(command, onData) {
      if (command !== 'GETQUOTAROOT INBOX') return target.run(command, onData);
      const word = (text: string) => ({ kind: 'atom' as const, text });
      onData?.({ kind: 'data', name: 'QUOTA', tokens: [word('root'), { kind: 'list', items: ['STORAGE', '7', '10', 'MESSAGE', '0', '1'].map(word) }] } as never);
      return target.run('NOOP');
    },
  };
  const { findings } = await planMove(source, limited);
  expect(findings.map(({ kind, stops }) => [kind, stops])).toEqual([
    ['too-big', true],
    ['keywords', true],
    ['uidvalidity', true],
    ['quota', true],
    ['quota', true],
  ]);
  expect(findings[0]!.text).toMatch(/^1 messages are larger than the 20000 bytes that the target takes, first UID 2 of \d+ bytes$/);
  expect(findings[1]!.text).toContain('Work');
});

test('a message with several labels needs its room as often; a target’s quota is asked for', async () => {
  const label = mail('label', { size: 9_000 });
  const labelled = { INBOX: [label], Work: [label], Home: [label] };
  const [source, target, roomy] = await Promise.all([
    open(labelled),
    open({}, { uidValidityBase: 50_000_000, vices: new Set<Vice>(['has-a-quota']) }),
    open({}, { uidValidityBase: 50_000_000 }),
  ]);
  const { findings } = await planMove(source, target);
  expect(findings).toEqual([{ kind: 'quota', stops: true, mailbox: 'INBOX', text: expect.stringMatching(new RegExp(`^${3 * label.bytes!.length} bytes do not fit into the target's quota of 20480$`)) }]);
  expect((await planMove(source, roomy)).findings).toEqual([]);
  expect((await planMove(await open({ INBOX: [label] }), target)).findings).toEqual([]);
});

test('the limit of a mailbox is asked for where the target has no common one', async () => {
  const source = await open({ INBOX: [mail('large', { size: 50_000 })] });
  const target = await open({}, { uidValidityBase: 50_000_000 });
  const asked: unknown[] = [];
  const limited: ImapConnection = {
    ...target,
    capabilities: new Set([...target.capabilities, 'APPENDLIMIT']),
    async run(command, onData) {
      asked.push(command);
      const word = (text: string) => ({ kind: 'atom' as const, text });
      onData?.({ kind: 'data', name: 'STATUS', tokens: [word('INBOX'), { kind: 'list', items: ['APPENDLIMIT', '20000'].map(word) }] } as never);
      return target.run('NOOP');
    },
  };
  expect((await planMove(source, limited)).findings).toMatchObject([{ kind: 'too-big', stops: true }]);
  expect(asked).toEqual(['STATUS INBOX (APPENDLIMIT)']);
});

test('names and keywords that some targets do not take are told, and stop nothing', async () => {
  const keywords = Array.from({ length: 27 }, (_, n) => `k${n}`);
  const source = await open({ INBOX: keywords.slice(0, 26).map((keyword) => mail(keyword, { keywords: [keyword] })), 'Das "gute" Fach': [] });
  const target = await open({ Other: [] }, { uidValidityBase: 50_000_000 });
  const { findings } = await planMove(source, target);
  expect(findings).toEqual([{ kind: 'name', stops: false, mailbox: 'Das "gute" Fach', text: 'becomes "Das _gute_ Fach" where the target refuses "Das "gute" Fach"' }]);
  const many: ImapConnection = { ...source, fetchMeta: async (set) => (await source.fetchMeta(set)).map((meta, at) => (at === 0 ? { ...meta, flags: ['k0', 'k26', '$Work'] } : meta)) };
  expect((await planMove(many, target)).findings).toContainEqual({ kind: 'keywords', stops: false, mailbox: 'INBOX', text: expect.stringMatching(/^has 28 keywords/) });
});
