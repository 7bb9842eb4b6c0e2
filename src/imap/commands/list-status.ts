/** All mailboxes with their counts, in one round trip where the server has LIST-STATUS (RFC 5819), else in two. */
import { CausewayError } from '#errors/index.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';
import { entryOf, list, type ListEntry, lsub } from './list.ts';
import { mailboxPart } from './mailbox-name.ts';

export type Surveyed = ListEntry & {
  readonly subscribed: boolean;
  /** By their names in upper case, as text: a modification sequence has 63 bits. Undefined: cannot be opened, or went away. */
  readonly status: ReadonlyMap<string, string> | undefined;
};

/** More than customers have; each costs the platform a look at the mailbox. */
const MAILBOX_LIMIT = 5_000;

/** Rejects with CausewayError 'limit' beyond `MAILBOX_LIMIT`. */
export async function listStatus(engine: Engine): Promise<Surveyed[]> {
  const { capabilities } = engine;
  const items = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN'];
  if (capabilities.has('CONDSTORE')) items.push('HIGHESTMODSEQ');
  if (capabilities.has('OBJECTID')) items.push('MAILBOXID');
  const extended = capabilities.has('LIST-EXTENDED') && capabilities.has('LIST-STATUS');
  if (!extended) return piecemeal(engine, items);
  const entries = new Map<string, ListEntry>();
  const statuses = new Map<string, ReadonlyMap<string, string>>();
  await engine.command({
    name: 'LIST',
    parts: [`LIST "" "*" RETURN (SUBSCRIBED CHILDREN ${capabilities.has('SPECIAL-USE') ? 'SPECIAL-USE ' : ''}STATUS (${items.join(' ')}))`],
    wants: (response) => response.kind === 'data' && (response.name === 'LIST' || response.name === 'STATUS'),
    onData(response) {
      if (response.kind !== 'data') return;
      if (response.name === 'STATUS') return void statuses.set(rawOf(response.tokens[0]), statusOf(response));
      const entry = entryOf(response);
      entries.set(entry.raw, entry);
      if (entries.size > MAILBOX_LIMIT) throw new CausewayError('limit', `more than ${MAILBOX_LIMIT} mailboxes`);
    },
  });
  return [...entries.values()].map((entry) => ({ ...entry, subscribed: has(entry, '\\Subscribed'), status: statuses.get(entry.raw) }));
}

async function piecemeal(engine: Engine, items: readonly string[]): Promise<Surveyed[]> {
  const [entries, subscribed] = await Promise.all([list(engine, '', '*', { specialUse: true }), lsub(engine, '', '*')]);
  if (entries.length > MAILBOX_LIMIT) throw new CausewayError('limit', `more than ${MAILBOX_LIMIT} mailboxes`);
  const names = new Set(subscribed.map(({ raw }) => raw));
  return Promise.all(
    entries.map(async (entry) => {
      const opens = !has(entry, '\\Noselect') && !has(entry, '\\NonExistent');
      return { ...entry, subscribed: names.has(entry.raw), status: opens ? await statusFor(engine, entry, items) : undefined };
    }),
  );
}

async function statusFor(engine: Engine, entry: ListEntry, items: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
  let found: ReadonlyMap<string, string> | undefined;
  try {
    await engine.command({
      name: 'STATUS',
      parts: ['STATUS ', mailboxPart(entry), ` (${items.join(' ')})`],
      wants: (response) => response.kind === 'data' && response.name === 'STATUS',
      onData: (response) => void (found = statusOf(response)),
    });
  } catch (error) {
    // It was deleted meanwhile, or may not be read.
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    return undefined;
  }
  return found;
}

function rawOf(token: Token | undefined): string {
  return token?.kind === 'string' ? token.bytes.toString('latin1') : textOf(token);
}

function statusOf(response: Untagged): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const list_ = response.kind === 'data' ? response.tokens.at(-1) : undefined;
  if (list_?.kind !== 'list') return found;
  for (let at = 0; at + 1 < list_.items.length; at += 2) {
    const value = list_.items[at + 1];
    // `MAILBOXID (F2212ea8)`
    const inner = value?.kind === 'list' ? value.items[0] : value;
    if (inner !== undefined && inner.kind !== 'list') found.set(textOf(list_.items[at]).toUpperCase(), textOf(inner));
  }
  return found;
}

function has({ flags }: ListEntry, flag: string): boolean {
  return flags.some((one) => one.toLowerCase() === flag.toLowerCase());
}
