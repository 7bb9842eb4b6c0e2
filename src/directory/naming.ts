/**
 * New login names, recipients and renamed addresses.
 *
 * Invariants: a name that worked goes on working until somebody takes it away: a rename adds. What a platform knows the
 * account by does not change with the address: each platform keeps the name it had (`platform_login`) until its
 * provisioner says that it has taken the new one. Mail for a recipient that the platforms may not know (`ours`) is
 * handed to them under the name that they do know.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, isUniqueViolation, recordChange } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import type { Account } from './account.ts';
import { loginAt } from './account.ts';
import { ACCOUNT_TOPIC } from './topic.ts';
import { canonical, isAddress, isName, isRecipient, recipientCandidates } from './names.ts';
import { tellPlatforms } from './outbox/write.ts';
import type { By, PlatformFacts } from './secrets/facts.ts';
import { lockStanding } from './secrets/change.ts';
import type { DirectoryTables } from './tables.ts';

/** As an import allows. */
const MOST = 1_000;

type Options = { readonly by: By; readonly facts: PlatformFacts };

/**
 * Gives the account another address, beside which the old one signs in and receives as before.
 * @returns false when it has that address already
 * @throws CausewayError('input') for what is no address; CausewayError('conflict') when the name is another account's;
 *   CausewayError('not-found')
 */
export async function renameAccount(tx: Tx, accountId: number, address: string, { by, facts }: Options): Promise<boolean> {
  const name = canonical(address);
  if (!isAddress(name)) throw new CausewayError('input', `"${name}" is not an address`, { remedy: 'expected local-part@domain' });
  const { address: before } = await lockStanding(tx, accountId);
  if (before === name) return false;
  const db = tx.db<DirectoryTables>();
  await inConflict(name, async () => {
    await sql`
      insert into platform_login (account_id, platform, login)
      select ${accountId}::bigint, platform, ${before} from unnest(${facts.names}::text[]) as known (platform)
      on conflict do nothing
    `.execute(db);
    await db.updateTable('account').set({ address: name }).where('id', '=', accountId).execute();
  });
  await insertLogin(tx, accountId, name);
  await insertRecipient(tx, accountId, name);
  await audit(tx, { actor: by.actor, act: 'account.renamed', subject: `account:${accountId}`, why: by.why, detail: { from: before, to: name } });
  await changed(tx, accountId, facts);
  return true;
}

/** @returns false when the account has it already @throws as `renameAccount` */
export async function addLoginName(tx: Tx, accountId: number, name: string, { by, facts }: Options): Promise<boolean> {
  const login = canonical(name);
  if (!isName(login)) throw new CausewayError('input', `"${login}" is no login name`, { remedy: 'no white space, no control characters, at most 320 characters' });
  await lockStanding(tx, accountId);
  if (!(await insertLogin(tx, accountId, login))) return false;
  await audit(tx, { actor: by.actor, act: 'account.login-name-added', subject: `account:${accountId}`, why: by.why, detail: { name: login } });
  await changed(tx, accountId, facts);
  return true;
}

/** @returns false when the account does not have it @throws CausewayError('conflict') for its last one */
export async function removeLoginName(tx: Tx, accountId: number, name: string, { by, facts }: Options): Promise<boolean> {
  const login = canonical(name);
  await lockStanding(tx, accountId);
  const db = tx.db<DirectoryTables>();
  const names = await db.selectFrom('login_name').select('name').where('account_id', '=', accountId).execute();
  if (!names.some((each) => each.name === login)) return false;
  if (names.length === 1) throw new CausewayError('conflict', `${login} is the account's only login name`, { place: login, remedy: 'add another one first' });
  await db.deleteFrom('login_name').where('name', '=', login).where('account_id', '=', accountId).execute();
  await audit(tx, { actor: by.actor, act: 'account.login-name-removed', subject: `account:${accountId}`, why: by.why, detail: { name: login } });
  await changed(tx, accountId, facts);
  return true;
}

/** An address, or `@domain`. @returns false when the account has it already @throws as `renameAccount` */
export async function addRecipient(tx: Tx, accountId: number, address: string, { by, facts }: Options): Promise<boolean> {
  const name = canonical(address);
  if (!isRecipient(name)) throw new CausewayError('input', `"${name}" is no recipient`, { remedy: 'expected local-part@domain or @domain' });
  await lockStanding(tx, accountId);
  if (!(await insertRecipient(tx, accountId, name))) return false;
  await audit(tx, { actor: by.actor, act: 'account.recipient-added', subject: `account:${accountId}`, why: by.why, detail: { address: name } });
  await changed(tx, accountId, facts);
  return true;
}

/** @returns false when the account does not have it */
export async function removeRecipient(tx: Tx, accountId: number, address: string, { by, facts }: Options): Promise<boolean> {
  const name = canonical(address);
  await lockStanding(tx, accountId);
  const { numDeletedRows } = await tx.db<DirectoryTables>().deleteFrom('recipient').where('address', '=', name).where('account_id', '=', accountId).executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) return false;
  await audit(tx, { actor: by.actor, act: 'account.recipient-removed', subject: `account:${accountId}`, why: by.why, detail: { address: name } });
  await changed(tx, accountId, facts);
  return true;
}

/**
 * Under which address mail for `address`, which the account receives for, is handed over at `platform`: as it came, or,
 * when it came for a recipient of ours, under the platform's own name, with the same `+ext`.
 */
export function addressAt(account: Pick<Account, 'address' | 'recipients' | 'ownRecipients' | 'platformLogins'>, address: string, platform: string): string {
  if (account.ownRecipients === undefined) return address;
  const matched = recipientCandidates(address).find((candidate) => account.recipients.includes(candidate));
  if (matched === undefined || !account.ownRecipients.includes(matched)) return address;
  const known = loginAt(account, platform);
  const at = known.lastIndexOf('@');
  const extension = /^[^@+]+(\+[^@]*)@/.exec(address)?.[1];
  // Only `user+ext` of a recipient `user` has an extension; of a recipient `user+ext` it is part of the name.
  return extension === undefined || at < 1 || matched.includes('+') ? known : `${known.slice(0, at)}${extension}${known.slice(at)}`;
}

async function insertLogin(tx: Tx, accountId: number, name: string): Promise<boolean> {
  return insertName(tx, accountId, name, { table: 'login_name', column: 'name', ours: false });
}

async function insertRecipient(tx: Tx, accountId: number, name: string): Promise<boolean> {
  return insertName(tx, accountId, name, { table: 'recipient', column: 'address', ours: true });
}

/** @returns false when the account has it already @throws CausewayError('conflict') when another one has, or it has too many */
async function insertName(tx: Tx, accountId: number, name: string, { table, column, ours }: { table: string; column: string; ours: boolean }): Promise<boolean> {
  const db = tx.db();
  const { rows } = await sql<{ owner: number; count: number }>`
    select coalesce((select account_id from ${sql.table(table)} where ${sql.ref(column)} = ${name}), 0) as owner,
      (select count(*) from ${sql.table(table)} where account_id = ${accountId}) as count
  `.execute(db);
  const { owner, count } = rows[0]!;
  if (owner === accountId) return false;
  if (owner !== 0) throw taken(name);
  if (count >= MOST) throw new CausewayError('limit', `the account has ${count} names of this kind`, { place: name });
  const mark = ours ? sql`, true` : sql``;
  const extra = ours ? sql`, ours` : sql``;
  await inConflict(name, async () => void (await sql`insert into ${sql.table(table)} (account_id, ${sql.ref(column)}${extra}) values (${accountId}, ${name}${mark})`.execute(db)));
  return true;
}

/** A name that came between look and insert is a conflict too. */
async function inConflict(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw isUniqueViolation(error) ? taken(name, error) : error;
  }
}

function taken(name: string, cause?: unknown): CausewayError {
  return new CausewayError('conflict', `${name} belongs to another account`, {
    place: name,
    remedy: 'choose another name, or take it from that account first',
    customerText: 'This name is taken.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The platforms are told all names, so that a row that comes late or twice does no harm. */
async function changed(tx: Tx, accountId: number, facts: PlatformFacts): Promise<void> {
  const { rows } = await sql<{ address: string; loginNames: string[]; recipients: string[] }>`
    select a.address, array(select name from login_name where account_id = a.id order by name) as "loginNames",
      array(select address from recipient where account_id = a.id order by address) as recipients
    from account a where a.id = ${accountId}
  `.execute(tx.db());
  await tellPlatforms(tx, accountId, 'names', [...facts.told.keys()].map((platform) => ({ platform, detail: { ...rows[0]! } })));
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}
