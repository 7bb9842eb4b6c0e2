/** The accounts that a command is for: its arguments, and a file with one a line. */
import { readFileSync } from 'node:fs';
import { CausewayError, messageOf } from '#errors/index.ts';
import { type Entry, findAccount } from '#directory/read-entries.ts';
import type { Store } from '#store/index.ts';

/** Some thirty times the provider of the story; a larger file is some other file. */
const MOST = 1_000_000;

/**
 * Each once, in their order. In the file `#` begins a comment, and empty lines are nothing.
 * @throws CausewayError `usage` for none, `input` for a file that is no list
 */
export function addressesOf(named: readonly string[], file: string | undefined): string[] {
  const listed = file === undefined ? [] : linesOf(file);
  const all = [...new Set([...named, ...listed])];
  if (all.length === 0) throw new CausewayError('usage', 'no account is named', { remedy: 'name addresses, or give --list FILE with one a line' });
  return all;
}

function linesOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CausewayError('input', `cannot read the list: ${messageOf(cause)}`, { place: file, cause });
  }
  const found: string[] = [];
  for (const [at, line] of text.replace(/^\ufeff/, '').split(/\r?\n/).entries()) {
    const name = line.replace(/(^|\s)#.*$/, '').trim();
    if (name === '') continue;
    if (/[\s,;]/.test(name)) throw new CausewayError('input', 'expected one address', { place: `${file}:${at + 1}`, remedy: 'A list has one address a line; # begins a comment.' });
    found.push(name);
    if (found.length > MOST) throw new CausewayError('limit', `more than ${MOST} addresses`, { place: file });
  }
  return found;
}

/** Statements at a time: the command's pool has four connections. */
const AT_A_TIME = 50;
/** More names than these do not help who has to correct the list. */
const SHOWN = 5;

/** @throws CausewayError `not-found` that names those that are none, before anything was done */
export async function accountsOf(store: Store, addresses: readonly string[]): Promise<Entry[]> {
  const entries = new Map<number, Entry>();
  const unknown: string[] = [];
  for (let at = 0; at < addresses.length; at += AT_A_TIME) {
    const lot = addresses.slice(at, at + AT_A_TIME);
    const found = await Promise.all(lot.map((address) => findAccount(store, address)));
    found.forEach((entry, n) => (entry === undefined ? unknown.push(lot[n]!) : entries.set(entry.account.id, entry)));
  }
  if (unknown.length === 0) return [...entries.values()];
  const more = unknown.length > SHOWN ? ` and ${unknown.length - SHOWN} more` : '';
  throw new CausewayError('not-found', `there is no account ${unknown.slice(0, SHOWN).join(', ')}${more}`, { remedy: 'Nothing was begun.' });
}
