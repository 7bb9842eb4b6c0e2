/**
 * Changes by the provider's own system: idempotent and sequenced.
 *
 * Invariants: a key that comes again gets the answer that was given, and nothing is done a second time; the same key
 * with another request is a conflict. For each account the system counts its requests upwards: one that is not above the
 * last is `stale`, changes nothing, and is no error, since what it asked for has been overtaken. Answer, sequence and
 * change are of one transaction; an error leaves no trace, so the same request may be tried again.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { ACCOUNT_STATES, OURS } from '../account.ts';
import type { AccountState } from '../account.ts';
import { createAccount } from '../accounts.ts';
import { checkedCustomer, setCustomer } from '../customer.ts';
import { normaliseHash } from '../hash-scheme.ts';
import type { HashFault } from '../hash-scheme.ts';
import { canonical, isAddress, isName, isRecipient } from '../names.ts';
import { addLoginName, addRecipient, removeLoginName, removeRecipient, renameAccount } from '../naming.ts';
import { tellPlatforms } from '../outbox/write.ts';
import { findAccount, readEntries } from '../read-entries.ts';
import { changeSecret } from '../secrets/change.ts';
import type { By, PlatformFacts } from '../secrets/facts.ts';
import { changeState } from '../states.ts';
import type { DirectoryTables } from '../tables.ts';

type CustomerGiven = { readonly name?: string | undefined; readonly number?: string | undefined; readonly phones?: readonly string[] | undefined };

export type ProvisioningChange =
  | {
      readonly act: 'create';
      readonly address: string;
      /** The home. */
      readonly platform: string;
      /** `ours` or a platform. Absent: ours with a hash, else the home. */
      readonly authority?: string | undefined;
      /** With Dovecot's scheme prefix. */
      readonly hash?: string | undefined;
      readonly state?: AccountState | undefined;
      readonly loginNames?: readonly string[] | undefined;
      readonly recipients?: readonly string[] | undefined;
      readonly customer?: CustomerGiven | undefined;
    }
  /** `suspended`, `send-blocked`, `closed`, or `active` again. */
  | { readonly act: 'state'; readonly account: string; readonly state: AccountState }
  | { readonly act: 'rename'; readonly account: string; readonly address: string }
  | {
      readonly act: 'names';
      readonly account: string;
      readonly addLoginNames?: readonly string[] | undefined;
      readonly removeLoginNames?: readonly string[] | undefined;
      readonly addRecipients?: readonly string[] | undefined;
      readonly removeRecipients?: readonly string[] | undefined;
    }
  /** What is not given is not known any more. */
  | ({ readonly act: 'customer'; readonly account: string } & CustomerGiven)
  | { readonly act: 'secret'; readonly account: string; readonly hash: string }
  /** By `ProvisioningParts.setSecret`: the request itself, of which a digest is kept, does not hold the secret. */
  | { readonly act: 'secret-in-clear'; readonly account: string };

/** `account`: its address, a login name or a recipient. */
export type ProvisioningRequest = ProvisioningChange & {
  /** Chosen by the caller, another for each request: 1 to 200 printable characters. */
  readonly key: string;
  /** Counts the caller's requests for this account upwards. */
  readonly sequence: number;
};

export type ProvisioningAnswer = {
  /** `unchanged`: it was so already. `stale`: a later request was done before; nothing changed. */
  readonly outcome: 'done' | 'unchanged' | 'stale';
  /** As it is after the request. */
  readonly account: { readonly id: number; readonly address: string; readonly state: AccountState; readonly home: string; readonly authority: string };
  /** The last one that was done. */
  readonly sequence: number;
  /** Only this platform could change the secret: it was asked, and until it has confirmed the old one is right. */
  readonly asked?: string;
};

const KEY = /^[\x21-\x7e]{1,200}$/;
/** A request that is tried again after a week belongs to a person. */
const KEPT = '7 days';
/** Keys dropped by one statement. */
const PRUNED = 10_000;

export type ProvisioningParts = {
  readonly by: By;
  readonly facts: PlatformFacts;
  readonly hashFault: HashFault;
  /** What `secret-in-clear` does. @returns the platform that was asked; undefined when the change was made */
  readonly setSecret?: (tx: Tx, accountId: number) => Promise<string | undefined>;
};

/**
 * @throws CausewayError('input') for a request that can never be done; CausewayError('not-found') for an account that is
 *   not there (yet); CausewayError('conflict') for a name that is another account's, a key used for another request, or a
 *   state that does not allow it; CausewayError('unavailable')
 */
export async function provision(tx: Tx, request: ProvisioningRequest, parts: ProvisioningParts): Promise<ProvisioningAnswer> {
  const { key, sequence } = request;
  if (!KEY.test(key)) throw new CausewayError('input', 'an idempotency key has 1 to 200 printable characters');
  if (!Number.isSafeInteger(sequence) || sequence < 0) throw new CausewayError('input', 'a sequence is a whole number, zero or more');
  const digest = createHash('sha256').update(JSON.stringify(sorted(request))).digest();
  const before = await begin(tx, key, digest);
  if (before !== undefined) return before;
  const { id, outcome, asked } = request.act === 'create' ? await create(tx, request, parts) : await alter(tx, request, parts);
  const [entry] = await readEntries(tx, [id]);
  const { account, route } = entry!;
  const answer: ProvisioningAnswer = {
    outcome,
    account: { id, address: account.address, state: account.state, home: route.home, authority: account.authority },
    sequence: await lastSequence(tx, id),
    ...(asked === undefined ? {} : { asked }),
  };
  await tx.db<DirectoryTables>().updateTable('provisioning_request').set({ answer: JSON.stringify(answer) }).where('key', '=', key).execute();
  return answer;
}

/** Takes the key; waits for one that is being worked on. @returns the answer that was given for it */
async function begin(tx: Tx, key: string, digest: Buffer): Promise<ProvisioningAnswer | undefined> {
  const { rows } = await sql`insert into provisioning_request (key, digest) values (${key}, ${digest}) on conflict do nothing returning key`.execute(tx.db());
  if (rows.length === 1) return undefined;
  const found = await sql<{ same: boolean; answer: ProvisioningAnswer }>`
    select digest = ${digest} as same, answer from provisioning_request where key = ${key}
  `.execute(tx.db());
  const [row] = found.rows;
  if (row === undefined) throw new CausewayError('unavailable', 'the request was dropped in this moment', { retryable: true });
  if (!row.same) throw new CausewayError('conflict', 'the idempotency key was used for another request', { place: key, remedy: 'choose another key for each request' });
  return row.answer;
}

type Done = { id: number; outcome: ProvisioningAnswer['outcome']; asked?: string | undefined };

async function create(tx: Tx, request: Extract<ProvisioningRequest, { act: 'create' }>, { by, facts, hashFault }: ProvisioningParts): Promise<Done> {
  const { platform, state = 'active' } = request;
  const address = canonical(request.address);
  if (!isAddress(address)) throw new CausewayError('input', `"${address}" is not an address`);
  if (!facts.names.includes(platform)) throw new CausewayError('input', `unknown platform "${platform}"`, { remedy: `the configuration has ${facts.names.join(', ')}` });
  const authority = request.authority ?? (request.hash === undefined ? platform : OURS);
  if (authority !== OURS && !facts.names.includes(authority)) throw new CausewayError('input', `unknown authority "${authority}"`);
  if (authority === OURS && request.hash === undefined) throw new CausewayError('input', `authority ${OURS} without a hash: nobody could sign in`);
  if (authority === OURS && !facts.opens.has(platform)) throw new CausewayError('input', `${platform} lets us in only with the customer's secret, so the authority cannot be ${OURS}`);
  checkState(state);
  const loginNames = checkNames(request.loginNames, isName, 'login name');
  const recipients = checkNames(request.recipients, isRecipient, 'recipient');
  const hash = request.hash === undefined ? undefined : checkHash(request.hash, hashFault);
  const id = await createAccount(
    tx,
    {
      address,
      home: platform,
      authority,
      state,
      ...(hash === undefined ? {} : { hash: { encoded: hash, origin: 'imported' as const } }),
      ...(loginNames === undefined ? {} : { loginNames }),
      ...(recipients === undefined ? {} : { recipients }),
      ...(request.customer === undefined ? {} : { customer: checkedCustomer(request.customer) }),
    },
    by,
  );
  await advance(tx, id, request.sequence);
  const detail = { address, state, loginNames: loginNames ?? [address], recipients: recipients ?? [address] };
  const told = [...facts.told].map(([name, form]) => ({ platform: name, detail: { ...detail, home: name === platform, ...(hash === undefined || form === 'none' ? {} : { hash }) } }));
  await tellPlatforms(tx, id, 'create', told);
  return { id, outcome: 'done' };
}

async function alter(tx: Tx, request: Exclude<ProvisioningRequest, { act: 'create' }>, parts: ProvisioningParts): Promise<Done> {
  const found = await findAccount(tx, request.account);
  if (found === undefined) throw new CausewayError('not-found', `there is no account ${canonical(request.account)}`, { place: canonical(request.account) });
  const { id } = found.account;
  if (!(await advance(tx, id, request.sequence))) return { id, outcome: 'stale' };
  if (request.act === 'secret-in-clear') return { id, outcome: 'done', asked: await parts.setSecret!(tx, id) };
  return { id, outcome: (await carryOut(tx, id, request, parts)) ? 'done' : 'unchanged' };
}

async function carryOut(tx: Tx, id: number, request: Exclude<ProvisioningRequest, { act: 'create' | 'secret-in-clear' }>, { by, facts, hashFault }: ProvisioningParts): Promise<boolean> {
  const options = { by, facts };
  switch (request.act) {
    case 'state':
      checkState(request.state);
      return changeState(tx, id, request.state, options);
    case 'rename':
      return renameAccount(tx, id, request.address, options);
    case 'names': {
      let changed = false;
      for (const name of request.addLoginNames ?? []) changed = (await addLoginName(tx, id, name, options)) || changed;
      for (const name of request.removeLoginNames ?? []) changed = (await removeLoginName(tx, id, name, options)) || changed;
      for (const name of request.addRecipients ?? []) changed = (await addRecipient(tx, id, name, options)) || changed;
      for (const name of request.removeRecipients ?? []) changed = (await removeRecipient(tx, id, name, options)) || changed;
      return changed;
    }
    case 'customer':
      return setCustomer(tx, id, checkedCustomer(request), by);
    case 'secret': {
      const encoded = checkHash(request.hash, hashFault);
      const { rows } = await sql`select from secret_hash where account_id = ${id} and hash = ${encoded}`.execute(tx.db());
      if (rows.length === 1) return false;
      await changeSecret(tx, id, { encoded, origin: 'imported' }, { by, facts, act: 'account.secret-provisioned' });
      return true;
    }
  }
}

/** @returns whether `sequence` is above the last one, which it then is itself */
async function advance(tx: Tx, accountId: number, sequence: number): Promise<boolean> {
  const { rows } = await sql`
    insert into provisioning_sequence (account_id, sequence) values (${accountId}, ${sequence})
    on conflict (account_id) do update set sequence = excluded.sequence where provisioning_sequence.sequence < excluded.sequence
    returning sequence
  `.execute(tx.db());
  return rows.length === 1;
}

async function lastSequence(tx: Tx, accountId: number): Promise<number> {
  const row = await tx.db<DirectoryTables>().selectFrom('provisioning_sequence').select('sequence').where('account_id', '=', accountId).executeTakeFirstOrThrow();
  return row.sequence;
}

function checkState(state: AccountState): void {
  if (!ACCOUNT_STATES.includes(state)) throw new CausewayError('input', `unknown state "${String(state)}"`, { remedy: `expected ${ACCOUNT_STATES.join(', ')}` });
}

function checkNames(names: readonly string[] | undefined, valid: (name: string) => boolean, kind: string): string[] | undefined {
  const list = names?.map(canonical);
  for (const name of list ?? []) if (!valid(name)) throw new CausewayError('input', `"${name}" is not a ${kind}`);
  if (list?.length === 0) throw new CausewayError('input', `an account has at least one ${kind}`);
  return list;
}

function checkHash(text: string, hashFault: HashFault): string {
  const hash = normaliseHash(text, hashFault);
  if ('mistake' in hash) throw new CausewayError('input', hash.mistake, { remedy: hash.remedy });
  return hash.hash;
}

/** The request with its fields in one order, so that two that say the same have one digest. */
function sorted(value: object): unknown {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Drops the keys of requests older than a week. Safe in several processes at once. */
export async function pruneProvisioning(store: Store): Promise<void> {
  await sql`
    delete from provisioning_request where key = any(array(
      select key from provisioning_request where at < now() - ${KEPT}::interval limit ${PRUNED} for update skip locked))
  `.execute(store.db());
}
