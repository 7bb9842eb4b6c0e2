/** The outbox over a real store and a practice platform: undo, restarts, deaths between steps, platforms that do not answer. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { sql } from 'kysely';
import { createAccount } from '#directory/accounts.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { CausewayError } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import type { RequestAccess } from '../access.ts';
import type { MailAccess } from '../mail-access.ts';
import { type Harness, message, startHarness, USER } from '../mail/harness.testing.ts';
import { createOutboxOf } from './outbox.ts';
import { createOutboxSender, type OutboxSender } from './sender.ts';
import { outboxMigrations } from './tables.ts';

let base: TestStore;
let accountId: number;
beforeAll(async () => {
  base = await openTestStore([...storeMigrations, ...directoryMigrations, ...outboxMigrations]);
  accountId = await base.store.transaction((tx) => createAccount(tx, { address: USER, home: 'old', authority: 'ours' }, { actor: 'test' }));
});
afterAll(() => base.close());

let mail: Harness;
let boxes: Record<string, string>;
const senders: OutboxSender[] = [];

beforeEach(async () => {
  await sql`delete from webmail_outbox`.execute(base.store.db());
  mail = await startHarness({ INBOX: [], Drafts: [], Sent: [] });
  const { list } = await mail.call<{ list: { id: string; name: string }[] }>('Mailbox/get', { ids: null });
  boxes = Object.fromEntries(list.map(({ id, name }) => [name, id]));
});
afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.close()));
  await mail.close();
});

/** A process of the portal. `access`: what is otherwise for it. */
function portal(access: Partial<MailAccess> = {}): OutboxSender {
  const sender: OutboxSender = createOutboxSender({ store: base.store, clock, emit: silent, accessOf: async () => ({ ...mail.access, ...access, home: 'old', end: () => {} }) as RequestAccess });
  senders.push(sender);
  Object.assign(mail.access, { outbox: createOutboxOf({ store: base.store, due: sender.due })({ id: 'p', accountId, version: 1, madeAt: 0 }) });
  return sender;
}

type Answer = { created: { s: { id: string; undoStatus: string } } | null; notCreated: { s: { type: string; properties?: string[] } } | null; updated: object | null; notUpdated: object | null };

let written = 0;
async function write(): Promise<{ emailId: string; subject: string }> {
  written += 1;
  const subject = `held ${written}`;
  const bytes = message({ From: USER, To: 'john@example.net', Bcc: 'boss@example.net', Subject: subject, 'Message-ID': `<${written}@x>` });
  const { created } = await mail.call<{ created: { e: { id: string } } }>('Email/import', { emails: { e: { blobId: await mail.upload(bytes), mailboxIds: { [boxes['Drafts']!]: true }, keywords: { $draft: true } } } });
  return { emailId: created.e.id, subject };
}

async function submit(emailId: string, seconds: number | string): Promise<Answer> {
  const { list } = await mail.call<{ list: { id: string }[] }>('Identity/get', { ids: null });
  const envelope = { mailFrom: { email: USER, parameters: { HOLDFOR: String(seconds) } }, rcptTo: [{ email: 'john@example.net' }] };
  const filed = { [`mailboxIds/${boxes['Drafts']}`]: null, [`mailboxIds/${boxes['Sent']}`]: true, 'keywords/$draft': null };
  return mail.call<Answer>('EmailSubmission/set', { create: { s: { emailId, identityId: list[0]!.id, envelope } }, onSuccessUpdateEmail: { '#s': filed } });
}

const statusOf = async (id: string): Promise<{ undoStatus: string; deliveryStatus: Record<string, { smtpReply: string; delivered: string }> | null } | undefined> =>
  (await mail.call<{ list: { undoStatus: string; deliveryStatus: Record<string, { smtpReply: string; delivered: string }> | null }[] }>('EmailSubmission/get', { ids: [id] })).list[0];
const whereIs = async (emailId: string): Promise<unknown> => (await mail.call<{ list: object[] }>('Email/get', { ids: [emailId], properties: ['mailboxIds', 'keywords'] })).list[0];
const stateOf = async (id: string): Promise<string> => (await sql<{ state: string }>`select state from webmail_outbox where id = ${id}`.execute(base.store.db())).rows[0]!.state;
/** What has waited has waited long enough, and so has what a dead process left. */
async function hurry(): Promise<void> {
  await sql`update webmail_outbox set send_at = least(send_at, clock_timestamp()), since = clock_timestamp() - interval '1 hour'`.execute(base.store.db());
  for (const sender of senders) sender.due(0);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await clock.sleep(20)) if (await holds()) return;
  throw new Error('it did not come about');
}

test('a mail waits among the drafts for the seconds that were asked for, then it is sent once and filed', async () => {
  portal();
  const { emailId, subject } = await write();
  const asked = performance.now();
  const { created } = await submit(emailId, 1);
  expect(created!.s.undoStatus).toBe('pending');
  const early = [[...mail.sent], await whereIs(emailId)];
  // Seen before its time, which is later than this.
  if (performance.now() < asked + 1_000) expect(early).toEqual([[], { id: emailId, mailboxIds: { [boxes['Drafts']!]: true }, keywords: { $draft: true } }]);
  await until(async () => (await stateOf(created!.s.id)) === 'sent');
  expect(mail.sent.map(({ envelope }) => envelope)).toEqual([{ mailFrom: USER, rcptTo: ['john@example.net'] }]);
  expect(mail.sent[0]!.message).toContain(`Subject: ${subject}`);
  expect(mail.sent[0]!.message).not.toContain('boss@');
  expect(await whereIs(emailId)).toEqual({ id: emailId, mailboxIds: { [boxes['Sent']!]: true }, keywords: {} });
  expect(await statusOf(created!.s.id)).toMatchObject({ undoStatus: 'final', deliveryStatus: { 'john@example.net': { smtpReply: '250 2.0.0 sent', delivered: 'unknown' } } });
});

test('what is canceled stays a draft, and is never sent; what was sent cannot be; a draft that is gone is not sent', async () => {
  portal();
  const first = await write();
  const { created } = await submit(first.emailId, 30);
  const cancel = (id: string): Promise<Answer> => mail.call<Answer>('EmailSubmission/set', { update: { [id]: { undoStatus: 'canceled' } } });
  expect((await cancel(created!.s.id)).updated).toEqual({ [created!.s.id]: null });
  expect((await statusOf(created!.s.id))?.undoStatus).toBe('canceled');

  const second = await write();
  const gone = (await submit(second.emailId, 30)).created!.s.id;
  await mail.call('Email/set', { destroy: [second.emailId] });
  const third = await write();
  const sent = (await submit(third.emailId, 30)).created!.s.id;
  await hurry();
  await until(async () => (await stateOf(sent)) === 'sent' && (await stateOf(gone)) === 'canceled');
  expect(mail.sent.map(({ message: text }) => /Subject: (.*)\r/.exec(text)![1])).toEqual([third.subject]);
  expect(await whereIs(first.emailId)).toMatchObject({ keywords: { $draft: true } });
  expect((await cancel(sent)).notUpdated).toMatchObject({ [sent]: { type: 'cannotUnsend' } });
});

test('a process that dies before the platform has it leaves it to another; one that dies after leaves it unknown, and nobody sends it again', async () => {
  const stuck = new Promise<never>(() => {});
  const states: string[] = [];
  for (const dies of [{ imap: () => stuck }, { submit: async (...given: Parameters<NonNullable<MailAccess['submit']>>) => (await mail.access.submit!(...given), stuck) }]) {
    // One of an earlier round would take what this one is to leave.
    await Promise.all(senders.splice(0).map((sender) => sender.close()));
    portal(dies as Partial<MailAccess>);
    const { emailId } = await write();
    const { id } = (await submit(emailId, 30)).created!.s;
    const before = mail.sent.length;
    await hurry();
    const dead = senders.pop()!;
    await until(async () => ['taken', 'handing'].includes(await stateOf(id)) && ('imap' in dies || mail.sent.length > before));
    void dead.close();
    await hurry();
    portal();
    await until(async () => ['sent', 'unknown'].includes(await stateOf(id)));
    states.push(await stateOf(id));
    if (states.at(-1) === 'unknown') expect(await statusOf(id)).toMatchObject({ undoStatus: 'final', deliveryStatus: { 'john@example.net': { smtpReply: '451 4.4.2 no answer' } } });
    expect(mail.sent.length).toBe(before + 1);
  }
  expect(states).toEqual(['sent', 'unknown']);
});

test('a platform that is away is asked again, one that refuses is believed, of one that does not answer nobody knows', async () => {
  let answer: (() => Promise<void>) | undefined = () => Promise.reject(new CausewayError('unavailable', 'RCPT: 451'));
  portal({ submit: async (envelope, bytes) => (answer === undefined ? mail.access.submit!(envelope, bytes) : answer()) });
  const { emailId } = await write();
  const { id } = (await submit(emailId, 30)).created!.s;
  await hurry();
  await until(async () => (await statusOf(id))!.undoStatus === 'pending' && (await sql<{ attempts: number }>`select attempts from webmail_outbox where id = ${id}`.execute(base.store.db())).rows[0]!.attempts === 1);
  answer = undefined;
  await hurry();
  await until(async () => (await stateOf(id)) === 'sent');
  expect(mail.sent).toHaveLength(1);

  const expected = [['refused', 'no'], ['unknown', 'unknown']];
  for (const [index, code] of (['refused', 'conflict'] as const).entries()) {
    answer = () => Promise.reject(new CausewayError(code, 'said'));
    const other = await write();
    const submitted = (await submit(other.emailId, 30)).created!.s.id;
    await hurry();
    await until(async () => (await stateOf(submitted)) === expected[index]![0]);
    expect((await statusOf(submitted))?.deliveryStatus?.['john@example.net']?.delivered).toBe(expected[index]![1]);
    // The draft is still there for its writer.
    expect(await whereIs(other.emailId)).toMatchObject({ keywords: { $draft: true } });
  }
});

test('no longer than a minute; without the store a mail is sent at once, and that is said', async () => {
  portal();
  const { emailId } = await write();
  for (const seconds of ['61', '-1', 'soon']) expect((await submit(emailId, seconds)).notCreated?.s).toMatchObject({ type: 'invalidProperties', properties: ['envelope'] });
  const away = new Proxy(base.store, { get: () => () => { throw new Error('the store is away'); } });
  Object.assign(mail.access, { outbox: createOutboxOf({ store: away, due: () => {} })({ id: 'p', accountId, version: 1, madeAt: 0 }) });
  expect((await submit(emailId, 10)).created!.s.undoStatus).toBe('final');
  expect(mail.sent).toHaveLength(1);
  expect(await whereIs(emailId)).toMatchObject({ mailboxIds: { [boxes['Sent']!]: true } });
});
