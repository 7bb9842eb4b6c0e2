import { expect, test } from 'vitest';
import { ApiError } from '../api/http.ts';
import type { Call } from '../api/jmap.ts';
import { createDraftStore } from './draft-store.ts';
import { DRAFT_NOTE } from './email-object.ts';

type Args = { ids?: string[]; create?: Record<string, Record<string, unknown>>; destroy?: string[]; filter?: { header: string[] } };

/** A server with a mailbox of drafts. */
function server() {
  const emails = new Map<string, Record<string, unknown>>();
  let last = 0;
  const log: string[] = [];
  const state = { fail: undefined as 'before' | 'after' | undefined, refuse: undefined as Record<string, unknown> | undefined };
  async function jmap<T extends readonly unknown[]>(calls: readonly Call[]): Promise<T> {
    if (state.fail === 'before') throw new ApiError(503, 'unavailable', {}, undefined);
    let made: string | undefined;
    const answers = calls.map(([method, given]) => {
      const args = given as Args;
      if (method === 'Email/query') return { ids: [...emails].filter(([, email]) => (email['messageId'] as string[])[0] === args.filter?.header[1]).map(([id]) => id) };
      if (method === 'Email/get') return { list: (args.ids ?? []).map((id) => (id === '#draft' ? made : id)).flatMap((id) => (id !== undefined && emails.has(id) ? [{ id, attachments: [], ...emails.get(id) }] : [])) };
      for (const id of args.destroy ?? []) {
        emails.delete(id);
        log.push(`-${id}`);
      }
      if (args.create === undefined) return {};
      if (state.refuse !== undefined) return { notCreated: { draft: state.refuse } };
      made = `E${(last += 1)}`;
      emails.set(made, args.create['draft'] as Record<string, unknown>);
      log.push(`+${made}`);
      return { created: { draft: { id: made } } };
    });
    if (state.fail === 'after') throw new ApiError(0, 'unavailable', {}, undefined);
    return answers as unknown as T;
  }
  return { emails, log, state, jmap };
}

const email = (text: string, composer = 'me') => ({ messageId: ['m@x'], subject: text, [DRAFT_NOTE]: `${composer} rich I1` });

test('the version before goes when the new one is there', async () => {
  const { jmap, emails, log } = server();
  const store = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  await expect(store.save(email('a'))).resolves.toMatchObject({ kind: 'saved', emailId: 'E1' });
  await expect(store.save(email('b'))).resolves.toMatchObject({ kind: 'saved', emailId: 'E2' });
  expect(log).toEqual(['+E1', '+E2', '-E1']);
  expect([...emails.values()].map(({ subject }) => subject)).toEqual(['b']);
  await store.destroy();
  expect(emails.size).toBe(0);
});

test('an outage before the save leaves the old version, and one is there after it', async () => {
  const { jmap, emails, state } = server();
  const store = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  await store.save(email('a'));
  state.fail = 'before';
  await expect(store.save(email('b'))).resolves.toEqual({ kind: 'unreachable' });
  expect(emails.size).toBe(1);
  state.fail = undefined;
  await store.save(email('c'));
  expect([...emails.values()].map(({ subject }) => subject)).toEqual(['c']);
});

test('a save whose answer was lost is not there twice', async () => {
  const { jmap, emails, state } = server();
  const store = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  state.fail = 'after';
  await store.save(email('a'));
  await store.save(email('b'));
  expect(emails.size).toBeGreaterThan(0);
  state.fail = undefined;
  await expect(store.save(email('c'))).resolves.toMatchObject({ kind: 'saved' });
  expect([...emails.values()].map(({ subject }) => subject)).toEqual(['c']);
});

test('what another window wrote is not written over: both are there until the writer chose', async () => {
  const { jmap, emails } = server();
  const mine = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  await mine.save(email('a'));
  const theirs = createDraftStore({ jmap, draftsId: 'D', composer: 'other', emailId: mine.emailId });
  await theirs.save(email('theirs', 'other'));
  const result = await mine.save(email('mine'));
  expect(result).toMatchObject({ kind: 'conflict', otherId: theirs.emailId });
  expect([...emails.values()].map(({ subject }) => subject)).toEqual(['theirs', 'mine']);
  await mine.keepOurs(theirs.emailId);
  expect([...emails.values()].map(({ subject }) => subject)).toEqual(['mine']);
});

test('a draft that was sent or deleted elsewhere is told, and what is written is kept', async () => {
  const { jmap, emails } = server();
  const store = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  await store.save(email('a'));
  emails.clear();
  await expect(store.save(email('b'))).resolves.toMatchObject({ kind: 'conflict', otherId: undefined });
  expect(emails.size).toBe(1);
});

test('a refusal is told with its sentence, and the old version stays', async () => {
  const { jmap, emails, state } = server();
  const store = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  await store.save(email('a'));
  state.refuse = { type: 'overQuota', description: 'The mailbox is full.' };
  await expect(store.save(email('b'))).resolves.toEqual({ kind: 'refused', type: 'overQuota', sentence: 'The mailbox is full.' });
  state.refuse = { type: 'blobNotFound', notFound: ['U1'] };
  await expect(store.save(email('b'))).resolves.toEqual({ kind: 'blobs-gone', blobIds: ['U1'] });
  state.refuse = { type: 'serverUnavailable' };
  await expect(store.save(email('b'))).resolves.toEqual({ kind: 'unreachable' });
  expect(emails.size).toBe(1);
});

test('one that goes on after a crash finds what the ended tab saved last', async () => {
  const { jmap, emails } = server();
  const ended = createDraftStore({ jmap, draftsId: 'D', composer: 'me' });
  await ended.save(email('a'));
  const known = ended.emailId;
  await ended.save(email('b'));
  const store = createDraftStore({ jmap, draftsId: 'D', composer: 'me', emailId: known, isResumed: true });
  await expect(store.save(email('c'))).resolves.toMatchObject({ kind: 'saved' });
  expect([...emails.values()].map(({ subject }) => subject)).toEqual(['c']);
});
