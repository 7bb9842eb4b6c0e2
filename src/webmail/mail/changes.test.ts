/** What changed since a state, at a platform that neither counts changes nor tells what is gone. */
import { afterEach, expect, test } from 'vitest';
import { type Harness, message, startHarness, USER } from './harness.testing.ts';

type Changed = { created: string[]; updated: string[]; destroyed: string[]; newState: string; hasMoreChanges: boolean };
type WasSet = { created: Record<string, { id: string; threadId: string }> | null; newState: string; notUpdated: object | null; notDestroyed: object | null };

let mail: Harness;
afterEach(() => mail.close());

const letter = (n: number, references?: number): { bytes: Buffer; internalDateMs: number } => ({ internalDateMs: Date.UTC(2026, 0, n), bytes: message({ From: `p${n}@example.net`, To: USER, Subject: `s${n}`, 'Message-ID': `<${n}@x>`, ...(references === undefined ? {} : { References: `<${references}@x>` }) }) });

async function start(): Promise<{ boxes: Record<string, string>; ids: string[]; state: string }> {
  mail = await startHarness({ INBOX: [letter(1), letter(2), letter(3, 1)], Trash: [], Archive: [] });
  const { list } = await mail.call<{ list: { id: string; name: string }[] }>('Mailbox/get', { ids: null });
  const { ids } = await mail.call<{ ids: string[] }>('Email/query', { sort: [{ property: 'subject' }] });
  const { state } = await mail.call<{ state: string }>('Email/get', { ids: [] });
  return { boxes: Object.fromEntries(list.map(({ id, name }) => [name, id])), ids, state };
}

const changes = (name: string, sinceState: string, maxChanges?: number): Promise<Changed> => mail.call<Changed>(`${name}/changes`, { sinceState, ...(maxChanges === undefined ? {} : { maxChanges }) });
const sorted = ({ created, updated, destroyed }: Changed): string[][] => [created.toSorted(), updated.toSorted(), destroyed.toSorted()];

test('what was done through us is told: flags, moves and ends, beside what came', async () => {
  const { boxes, ids: [one, two, three], state } = await start();
  await mail.call('Email/set', { update: { [one!]: { 'keywords/$flagged': true }, [two!]: { 'keywords/$seen': true } } });
  expect(sorted(await changes('Email', state))).toEqual([[], [one, two].toSorted(), []]);
  await mail.call('Email/set', { update: { [two!]: { mailboxIds: { [boxes['Archive']!]: true } } }, destroy: [three] });
  const made = await mail.call<WasSet>('Email/set', { create: { k: { mailboxIds: { [boxes['Archive']!]: true }, subject: 'new' } } });
  expect(sorted(await changes('Email', state))).toEqual([[made.created?.['k']?.id], [one, two].toSorted(), [three]]);
  // What came and went in between never was; what was moved first is gone all the same.
  await mail.call('Email/set', { destroy: [made.created?.['k']?.id, two] });
  const last = await changes('Email', state);
  expect(sorted(last)).toEqual([[], [one], [two, three].toSorted()]);
  expect(sorted(await changes('Email', last.newState))).toEqual([[], [], []]);
});

test('where somebody else changed something, too, nothing is told that may not be all', async () => {
  const { ids: [one, two], state } = await start();
  const other = await mail.imap();
  await other.select('INBOX');
  await other.store('3', '+FLAGS', ['\\Seen']);
  await mail.call('Email/set', { update: { [one!]: { 'keywords/$seen': true } } });
  await expect(mail.error('Email/changes', { sinceState: state })).resolves.toBe('cannotCalculateChanges');
  const { state: next } = await mail.call<{ state: string }>('Email/get', { ids: [] });
  await mail.call('Email/set', { destroy: [two] });
  await other.store('3', '+FLAGS', ['\\Deleted']);
  await other.expunge('3');
  await expect(mail.error('Email/changes', { sinceState: next })).resolves.toBe('cannotCalculateChanges');
});

test('a few at a time: each once, and what changed meanwhile with the rest', async () => {
  const { boxes, ids: [one, two], state } = await start();
  const create = Object.fromEntries([4, 5, 6].map((n) => [`k${n}`, { mailboxIds: { [boxes['Archive']!]: true }, subject: `s${n}` }]));
  const made = await mail.call<WasSet>('Email/set', { create, update: { [one!]: { 'keywords/$flagged': true } } });
  const [four, five, six] = ['k4', 'k5', 'k6'].map((key) => made.created?.[key]?.id as string);
  const first = await changes('Email', state, 2);
  expect([first.hasMoreChanges, sorted(first)]).toEqual([true, [[four, five].toSorted(), [], []]]);
  await mail.call('Email/set', { destroy: [six], update: { [two!]: { 'keywords/$seen': true } } });
  const second = await changes('Email', first.newState, 1);
  expect([second.hasMoreChanges, sorted(second)]).toEqual([true, [[], [one], []]]);
  const third = await changes('Email', second.newState, 1);
  expect([third.hasMoreChanges, sorted(third)]).toEqual([false, [[], [two], []]]);
  expect(third.newState).toBe((await mail.call<{ state: string }>('Email/get', { ids: [] })).state);
  // The same of mailboxes.
  const { state: mailboxes } = await mail.call<{ state: string }>('Mailbox/get', { ids: [] });
  await mail.call('Mailbox/set', { create: { a: { name: 'a' }, b: { name: 'b' } } });
  const half = await changes('Mailbox', mailboxes, 1);
  const rest = await changes('Mailbox', half.newState, 1);
  expect([half.hasMoreChanges, rest.hasMoreChanges, half.created.length, rest.created.length, new Set([...half.created, ...rest.created]).size]).toEqual([true, false, 1, 1, 2]);
});

test('threads: one that begins, one that grows, one that shrinks, one that ends', async () => {
  const { boxes, ids: [one, two, three], state } = await start();
  const threadOf = async (id: string): Promise<string> => (await mail.call<{ list: { threadId: string }[] }>('Email/get', { ids: [id], properties: ['threadId'] })).list[0]!.threadId;
  const [long, short] = [await threadOf(one!), await threadOf(two!)];
  const mailboxIds = { [boxes['Archive']!]: true };
  const made = await mail.call<WasSet>('Email/set', { create: { n: { mailboxIds, subject: 'begins' }, r: { mailboxIds, subject: 'answers', references: ['1@x'] } } });
  expect(sorted(await changes('Thread', state))).toEqual([[made.created?.['n']?.threadId], [long], []]);
  // A flag is none of a thread's business.
  const before = await mail.call<{ state: string }>('Thread/get', { ids: [] });
  await mail.call('Email/set', { update: { [one!]: { 'keywords/$flagged': true } } });
  expect(sorted(await changes('Thread', before.state))).toEqual([[], [], []]);
  await mail.call('Email/set', { update: { [three!]: { mailboxIds: { [boxes['Trash']!]: true } } } });
  expect(sorted(await changes('Thread', before.state))).toEqual([[], [long], []]);
  await mail.call('Email/set', { destroy: [two, three] });
  expect(sorted(await changes('Thread', before.state))).toEqual([[], [long], [short]]);
  expect([mail.faults, mail.thrown]).toEqual([[], []]);
});
