/**
 * One account of a file, checked.
 *
 * Invariant: a message names file and line, and never shows a hash.
 */
import { createSecret, type Secret } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { ACCOUNT_STATES, OURS } from './account.ts';
import type { AccountState } from './account.ts';
import type { NewAccount } from './accounts.ts';
import { checkedCustomer, type Customer } from './customer.ts';
import { clearSecret, type HashFault, normaliseHash } from './hash-scheme.ts';
import { canonical, isAddress, isName, isRecipient } from './names.ts';

/** The columns of the CSV form. */
export const COLUMNS = ['address', 'platform', 'hash', 'login_names', 'recipients', 'authority', 'state', 'customer_name', 'customer_number', 'phones'] as const;
export type Column = (typeof COLUMNS)[number];

/** A checked line. */
export type ImportRow = {
  readonly line: number;
  readonly account: NewAccount;
  /** The file has the secret itself: to be hashed by `hashClear` before anything is written. */
  readonly clear?: Secret;
};

export type RowOptions = {
  /** For messages. */
  readonly file: string;
  /** The names in the configuration. */
  readonly platforms: readonly string[];
  readonly hashFault: HashFault;
};

/** Names of one kind that an account may have: families and role addresses have tens. */
const NAMES_LIMIT = 1_000;

/** @param field what the file has in a column; empty: nothing @throws CausewayError('input') with `place` file:line */
export function checkRow(line: number, field: (column: Column) => string, { file, platforms, hashFault }: RowOptions): ImportRow {
  const address = canonical(field('address'));
  if (!isAddress(address)) throw wrong(file, line, `"${printable(address)}" is not an address`, 'expected local-part@domain');
  const home = field('platform');
  if (!platforms.includes(home)) throw wrong(file, line, `unknown platform "${printable(home)}"`, `the configuration has ${platforms.join(', ')}`);
  const authority = field('authority') || home;
  if (authority !== OURS && !platforms.includes(authority)) {
    throw wrong(file, line, `unknown authority "${printable(authority)}"`, `expected ${OURS} or a platform: ${platforms.join(', ')}`);
  }
  const state = (field('state') || 'active') as AccountState;
  if (!ACCOUNT_STATES.includes(state)) throw wrong(file, line, `unknown state "${printable(state)}"`, `expected ${ACCOUNT_STATES.join(', ')}`);
  const encoded = field('hash');
  const clear = clearSecret(encoded);
  const hash = encoded === '' || clear !== undefined ? undefined : normaliseHash(encoded, hashFault);
  if (hash !== undefined && 'mistake' in hash) throw wrong(file, line, hash.mistake, hash.remedy);
  if (hash === undefined && clear === undefined && authority === OURS) {
    throw wrong(file, line, `authority ${OURS} without a hash: nobody could sign in`, 'give the hash, or a platform as authority');
  }
  const loginNames = names(field('login_names'), isName, 'login name', line, file);
  const recipients = names(field('recipients'), isRecipient, 'recipient', line, file);
  const customer = customerOf(field, line, file);
  return {
    line,
    account: {
      address,
      home,
      authority,
      state,
      ...(hash === undefined ? {} : { hash: { encoded: hash.hash, origin: 'imported' as const } }),
      loginNames: loginNames ?? [address],
      recipients: recipients ?? [address],
      ...(customer === undefined ? {} : { customer }),
    },
    ...(clear === undefined ? {} : { clear: createSecret(clear) }),
  };
}

/** Phones are divided by `;`, since people write them with spaces. */
function customerOf(field: (column: Column) => string, line: number, file: string): Customer | undefined {
  const [name, number, phones] = [field('customer_name'), field('customer_number'), field('phones')];
  if (name === '' && number === '' && phones === '') return undefined;
  try {
    return checkedCustomer({ name, number, phones: phones.split(';').filter((phone) => phone.trim() !== '') });
  } catch (error) {
    throw wrong(file, line, messageOf(error), 'separate phones by ;');
  }
}

function names(field: string, valid: (name: string) => boolean, kind: string, line: number, file: string): string[] | undefined {
  if (field === '') return undefined;
  const list = [...new Set(field.split(/\s+/).map(canonical))];
  if (list.length > NAMES_LIMIT) throw wrong(file, line, `${list.length} names of one kind, more than ${NAMES_LIMIT}`, 'a shared domain may be a catch-all: @domain');
  for (const name of list) if (!valid(name)) throw wrong(file, line, `"${printable(name)}" is not a ${kind}`, 'separate names by spaces');
  return list;
}

export function wrong(file: string, line: number, message: string, remedy: string): CausewayError {
  return new CausewayError('input', message, { place: `${file}:${line}`, remedy });
}

/** A field as it may be shown: short, without control characters, and no hash that stands in the wrong column. */
export function printable(text: string): string {
  if (/^[{$]/.test(text)) return '[not shown]';
  const clean = text.replaceAll(/\p{Cc}/gu, '?');
  return clean.length > 100 ? `${clean.slice(0, 100)}...` : clean;
}
