import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Harness, message, startHarness } from './harness.testing.ts';

type Box = { id: string; name: string; parentId: string | null; role: string | null; totalEmails: number; unreadEmails: number; isSubscribed: boolean; sortOrder: number };
type Got = { state: string; list: Box[]; notFound: string[] };
type Changed = { created: string[]; updated: string[]; destroyed: string[]; updatedProperties: string[] | null; newState: string };
type WasSet = { created: Record<string, Box> | null; updated: object | null; destroyed: string[] | null; notCreated: Record<string, { type: string; properties?: string[] }>; notUpdated: Record<string, { type: string }>; notDestroyed: Record<string, { type: string }>; newState: string; oldState: string };

let mail: Harness;

beforeAll(async () => {
  const one = { bytes: message({ Subject: 'a', 'Message-ID': '<a@x>' }), internalDateMs: 1_000_000_000_000 };
  mail = await startHarness({ INBOX: [one, { ...one, flags: ['\\Seen'] }], Gesendet: [], Papierkorb: [], 'Projekte/Übriges': [one] }, { Gesendet: '\\Sent' });
});
afterAll(() => mail.close());

const all = (): Promise<Got> => mail.call<Got>('Mailbox/get', { ids: null });
const boxOf = async (name: string): Promise<Box> => (await all()).list.find((box) => box.name === name) as Box;
const set = (args: Record<string, unknown>): Promise<WasSet> => mail.call<WasSet>('Mailbox/set', args);

test('Mailbox/get: roles by special use and by name, parents that the platform does not have, counts', async () => {
  const { list, notFound } = await all();
  const shown = Object.fromEntries(list.map(({ name, role, totalEmails, unreadEmails }) => [name, [role, totalEmails, unreadEmails]]));
  expect(shown).toEqual({ Inbox: ['inbox', 2, 1], Gesendet: ['sent', 0, 0], Papierkorb: ['trash', 0, 0], Projekte: [null, 0, 0], Übriges: [null, 1, 1] });
  expect(notFound).toEqual([]);
  const inner = await boxOf('Übriges');
  expect(inner.parentId).toBe((await boxOf('Projekte')).id);
  expect(list.every(({ id }) => /^M[\w-]{16}$/.test(id))).toBe(true);
  await expect(mail.call('Mailbox/get', { ids: ['nowhere', inner.id], properties: ['name'] })).resolves.toMatchObject({ list: [{ id: inner.id, name: 'Übriges' }], notFound: ['nowhere'] });
  await expect(mail.error('Mailbox/get', { ids: [], properties: ['bogus'] })).resolves.toBe('invalidArguments');
  await expect(mail.error('Mailbox/get', { ids: null, accountId: 'other' })).resolves.toBe('accountNotFound');
});

test('a request that reads mailboxes, however often, asks the store once for what is kept of them', async () => {
  const { settings } = mail.access;
  const [one, several] = [vi.spyOn(settings!, 'read'), vi.spyOn(settings!, 'readAll')];
  await mail.ask(['Mailbox/query', {}], ['Mailbox/get', { ids: null }], ['Mailbox/changes', { sinceState: 'x' }], ['Mailbox/query', { sort: [{ property: 'sortOrder' }] }]);
  expect([one.mock.calls.length, several.mock.calls.length]).toEqual([0, 1]);
  vi.restoreAllMocks();
});

test('Mailbox/query: filters, order, tree, pages', async () => {
  const names = async (args: Record<string, unknown>): Promise<string[]> => {
    const { ids } = await mail.call<{ ids: string[] }>('Mailbox/query', args);
    const { list } = await all();
    return ids.map((id) => list.find((box) => box.id === id)?.name ?? '?');
  };
  expect(await names({ sort: [{ property: 'sortOrder' }, { property: 'name' }] })).toEqual(['Inbox', 'Gesendet', 'Papierkorb', 'Projekte', 'Übriges']);
  expect(await names({ filter: { hasAnyRole: false }, sort: [{ property: 'name', isAscending: false }], sortAsTree: true })).toEqual(['Projekte', 'Übriges']);
  expect(await names({ filter: { operator: 'NOT', conditions: [{ parentId: null }, { role: 'inbox' }] } })).toEqual(['Übriges']);
  expect(await names({ filter: { name: 'übrig' }, filterAsTree: true })).toEqual([]);
  expect(await names({ sort: [{ property: 'name' }], position: -2, limit: 1 })).toEqual(['Projekte']);
  await expect(mail.error('Mailbox/query', { sort: [{ property: 'color' }] })).resolves.toBe('unsupportedSort');
  await expect(mail.error('Mailbox/query', { anchor: 'nowhere' })).resolves.toBe('anchorNotFound');
});

test('Mailbox/set: make, rename with the same id, move, subscribe, destroy; and Mailbox/changes sees it', async () => {
  const { state } = await all();
  const made = await set({ create: { p: { name: 'Neu', parentId: null, isSubscribed: true }, c: { name: 'Kind', parentId: '#p' } } });
  const [parent, child] = [made.created?.['p']?.id, made.created?.['c']?.id] as [string, string];
  expect(made.notCreated).toBeNull();
  expect(made.newState).not.toBe(made.oldState);
  const changed = await mail.call<Changed>('Mailbox/changes', { sinceState: state });
  expect(changed.created.sort()).toEqual([parent, child].sort());
  await expect(mail.error('Mailbox/changes', { sinceState: 'long ago' })).resolves.toBe('cannotCalculateChanges');

  expect((await set({ create: { d: { name: 'Neu' }, e: { name: 'a/b' }, f: { name: 'x', role: 'sent' }, g: { name: 'x', parentId: 'nowhere' } } })).notCreated).toMatchObject({
    d: { type: 'alreadyExists' },
    e: { type: 'invalidProperties', properties: ['name'] },
    f: { type: 'invalidProperties', properties: ['role'] },
    g: { type: 'invalidProperties', properties: ['parentId'] },
  });

  const renamed = await set({ update: { [parent]: { name: 'Neuer', sortOrder: 5 }, [child]: { isSubscribed: true } } });
  expect(renamed.notUpdated).toBeNull();
  expect(await mail.call('Mailbox/get', { ids: [parent, child], properties: ['name', 'parentId', 'isSubscribed', 'sortOrder'] })).toMatchObject({
    list: [
      { id: parent, name: 'Neuer', isSubscribed: true, sortOrder: 5 },
      { id: child, name: 'Kind', parentId: parent, isSubscribed: true },
    ],
  });
  // The old name is free, and its new bearer has an id of its own.
  const again = await set({ create: { n: { name: 'Neu' } } });
  expect(again.created?.['n']?.id).not.toBe(parent);
  expect((await set({ update: { [parent]: { parentId: child } } })).notUpdated).toMatchObject({ [parent]: { type: 'invalidProperties' } });
  expect((await set({ update: { [child]: { parentId: again.created?.['n']?.id } } })).notUpdated).toBeNull();
  expect((await boxOf('Kind')).parentId).toBe(again.created?.['n']?.id);
  expect((await boxOf('Kind')).id).toBe(child);

  expect((await set({ destroy: [again.created?.['n']?.id, 'nowhere'] })).notDestroyed).toMatchObject({ [again.created?.['n']?.id as string]: { type: 'mailboxHasChild' }, nowhere: { type: 'notFound' } });
  const gone = await set({ destroy: [child, parent] });
  expect(gone.destroyed).toEqual([child, parent]);
  const inner = (await boxOf('Übriges')).id;
  expect((await set({ destroy: [inner] })).notDestroyed).toMatchObject({ [inner]: { type: 'mailboxHasEmail' } });
  expect((await set({ destroy: [inner], onDestroyRemoveEmails: true })).destroyed).toEqual([inner]);
  const inbox = (await boxOf('Inbox')).id;
  expect((await set({ destroy: [inbox], onDestroyRemoveEmails: true, update: { [(await boxOf('Gesendet')).id]: { role: 'drafts' } } })).notDestroyed).toMatchObject({ [inbox]: { type: 'forbidden' } });
});

test('Mailbox/set: a mailbox is used as its owner says, whatever its name; a role has one mailbox, and another is made with one', async () => {
  const odd = (await set({ create: { o: { name: 'Fort damit' } } })).created?.['o']?.id as string;
  const [sent, trash, inbox] = [(await boxOf('Gesendet')).id, (await boxOf('Papierkorb')).id, (await boxOf('Inbox')).id];
  const { state } = await all();
  expect((await set({ update: { [odd]: { role: 'trash' }, [inbox]: { role: 'sent' }, [trash]: { role: 'important' } } })).notUpdated).toMatchObject({
    [odd]: { type: 'invalidProperties', properties: ['role'] },
    [inbox]: { type: 'invalidProperties', properties: ['role'] },
    [trash]: { type: 'invalidProperties', properties: ['role'] },
  });
  expect((await set({ update: { [trash]: { role: null }, [odd]: { role: 'trash', name: 'Fort' } } })).notUpdated).toBeNull();
  expect([await boxOf('Papierkorb'), await boxOf('Fort')]).toMatchObject([{ role: null, sortOrder: 100 }, { id: odd, role: 'trash', sortOrder: 6 }]);
  expect((await mail.call<Changed>('Mailbox/changes', { sinceState: state })).updated.sort()).toEqual([odd, trash].sort());
  await expect(mail.call('Mailbox/query', { filter: { role: 'trash' } })).resolves.toMatchObject({ ids: [odd] });
  // Special use is what the platform says; its owner says otherwise.
  expect((await set({ update: { [sent]: { role: null } } })).notUpdated).toBeNull();
  const made = await set({ create: { s: { name: 'Hinaus', role: 'sent' } } });
  expect(made.created?.['s']?.role).toBe('sent');
  expect([(await boxOf('Gesendet')).role, (await boxOf('Hinaus')).role]).toEqual([null, 'sent']);
  // What is gone has none, and who has it again is whoever is told so.
  expect((await set({ destroy: [made.created?.['s']?.id, odd], update: { [sent]: { role: 'archive' } } })).notUpdated).toBeNull();
  expect([(await boxOf('Gesendet')).role, (await boxOf('Papierkorb')).role]).toEqual(['archive', null]);
  expect((await set({ update: { [sent]: { role: 'sent' }, [trash]: { role: 'trash' } } })).notUpdated).toBeNull();
});

test('only counts changed', async () => {
  const { state } = await all();
  const other = await mail.imap();
  await other.select('INBOX');
  await other.store('1', '+FLAGS', ['\\Seen']);
  const changed = await mail.call<Changed>('Mailbox/changes', { sinceState: state });
  expect(changed).toMatchObject({ created: [], destroyed: [], updated: [(await boxOf('Inbox')).id] });
  expect(changed.updatedProperties).toContain('unreadEmails');
  expect([mail.faults, mail.thrown]).toEqual([[], []]);
});
