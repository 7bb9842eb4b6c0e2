/**
 * An account's mailboxes as they are at the moment, with ids.
 *
 * Invariants: ids are unique, and the same at two platforms that have a mailbox of the same name, whatever their separators
 * and prefixes; with OBJECTID they are the platform's, so that they last when another client renames. What is renamed
 * through us keeps its id by the memory, and so does what had another id before, at the former home. Parents that a
 * platform does not list are there, too.
 */
import { createHash } from 'node:crypto';
import type { ImapConnection } from '#imap/connection.ts';
import { roleByName } from './api.ts';
import type { MailMemory } from './memory.ts';
import { type ChosenRoles, type Role, roleByFlag } from './roles.ts';

type Surveyed = Awaited<ReturnType<ImapConnection['listStatus']>>[number];
type Namespaces = Awaited<ReturnType<ImapConnection['namespace']>>;

export type Box = {
  readonly id: string;
  /** The last of its levels. */
  readonly name: string;
  /** All levels, joined by NUL. */
  readonly path: string;
  readonly parentId: string | null;
  /** As the platform names it. */
  readonly raw: string;
  /** The same in UTF-8; empty for a parent that is not listed. */
  readonly fullName: string;
  /** The platform's own id. */
  readonly object: string | undefined;
  readonly delimiter: string | undefined;
  readonly role: Role | null;
  readonly isSubscribed: boolean;
  /** Counts. Undefined: it holds no messages, only mailboxes. */
  readonly counts: Counts | undefined;
  readonly mayCreateChild: boolean;
};

export type Counts = {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly total: number;
  readonly unread: number;
  /** Undefined: the platform does not count changes. */
  readonly modSeq: string | undefined;
};

export type Mailboxes = {
  readonly all: readonly Box[];
  readonly byId: ReadonlyMap<string, Box>;
  /** Of the platform: for making mailboxes. */
  readonly prefix: string;
  readonly delimiter: string | undefined;
};

/** What `arrange` makes mailboxes of. */
export async function surveyMailboxes(connection: ImapConnection): Promise<readonly [readonly Surveyed[], Namespaces]> {
  // Of the mailbox that is open Dovecot tells what the session last heard of it, and lets it hear no more while commands
  // wait: a NOOP in the same flight does not help.
  if (connection.selected !== undefined) await connection.noop();
  return Promise.all([connection.listStatus(), namespacesOf(connection)]);
}

const asked = new WeakMap<ImapConnection, Promise<Namespaces>>();

/** They are the same as long as a session lasts (RFC 2342 section 5). */
function namespacesOf(connection: ImapConnection): Promise<Namespaces> {
  const known = asked.get(connection) ?? connection.namespace();
  asked.set(connection, known);
  known.catch(() => asked.delete(connection));
  return known;
}

export const SEPARATOR = '\0';

export function arrange([listed, namespaces]: readonly [readonly Surveyed[], Namespaces], memory: MailMemory, chosen: ChosenRoles): Mailboxes {
  const personal = namespaces.personal[0];
  const prefix = personal?.prefix ?? '';
  const delimiter = personal?.delimiter ?? listed.find((entry) => entry.delimiter !== undefined)?.delimiter;
  const byPath = new Map<string, Surveyed | undefined>();
  for (const entry of listed) {
    const levels = levelsOf(entry, prefix);
    if (levels.length === 0) continue;
    for (let depth = 1; depth < levels.length; depth += 1) {
      const above = levels.slice(0, depth).join(SEPARATOR);
      if (!byPath.has(above)) byPath.set(above, undefined);
    }
    byPath.set(levels.join(SEPARATOR), entry);
  }
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  const byObject = new Map([...memory.mailboxNames.values()].flatMap(({ object, id }) => (object === null ? [] : [[object, id] as const])));
  const before = (entry: Surveyed | undefined): string | undefined => {
    const object = entry?.status?.get('MAILBOXID');
    const named = memory.mailboxNames.get(entry?.name.toUpperCase() === 'INBOX' ? 'INBOX' : (entry?.name ?? ''));
    const isSame = object === undefined || named?.object == null || named.object === object;
    return (object === undefined ? undefined : byObject.get(object)) ?? (isSame ? named?.id : undefined);
  };
  // Those that keep an id first, then the platform's own, so that a new mailbox with an old name gets another.
  for (const kept of [true, false]) {
    for (const [path, entry] of byPath) {
      const remembered = memory.mailboxIds.get(path) ?? before(entry);
      if ((remembered !== undefined) !== kept) continue;
      const object = entry?.status?.get('MAILBOXID');
      let id = remembered ?? mailboxId(object ?? path);
      if (taken.has(id)) id = mailboxId(`${path}${SEPARATOR}${SEPARATOR}${entry?.status?.get('UIDVALIDITY') ?? ''}`);
      taken.add(id);
      ids.set(path, id);
    }
  }
  const roles = rolesOf(byPath, (path) => chosen[ids.get(path) as string]);
  const all = [...byPath].map(([path, entry]): Box => {
    const levels = path.split(SEPARATOR);
    const parent = levels.slice(0, -1).join(SEPARATOR);
    const has = (flag: string): boolean => entry?.flags.some((one) => one.toLowerCase() === flag) === true;
    return {
      id: ids.get(path) as string,
      name: path === 'INBOX' ? 'Inbox' : (levels.at(-1) as string),
      path,
      parentId: levels.length > 1 ? (ids.get(parent) ?? null) : null,
      raw: entry?.raw ?? '',
      fullName: path === 'INBOX' ? 'INBOX' : (entry?.name ?? ''),
      object: entry?.status?.get('MAILBOXID'),
      delimiter: entry?.delimiter ?? delimiter,
      role: roles.get(path) ?? null,
      isSubscribed: entry?.subscribed === true || path === 'INBOX',
      counts: entry?.status === undefined ? undefined : countsOf(entry.status),
      mayCreateChild: entry?.delimiter !== undefined && !has('\\noinferiors'),
    };
  });
  return { all, byId: new Map(all.map((box) => [box.id, box])), prefix, delimiter };
}

/** Of a name, or of the platform's own id. */
export function mailboxId(key: string): string {
  return `M${createHash('sha256').update(key).digest('base64url').slice(0, 16)}`;
}

function levelsOf({ name, delimiter }: Surveyed, prefix: string): string[] {
  const isInbox = name.toUpperCase() === 'INBOX';
  if (isInbox) return ['INBOX'];
  const own = prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const levels = delimiter === undefined ? [own] : own.split(delimiter);
  if (levels.length > 1 && levels[0]?.toUpperCase() === 'INBOX') levels[0] = 'INBOX';
  return levels.filter((level) => level !== '').map((level) => level.replaceAll(SEPARATOR, '\u{fffd}'));
}

/** Each role once: what the owner chose goes before what the platform says, and that before names. */
function rolesOf(byPath: ReadonlyMap<string, Surveyed | undefined>, chosenFor: (path: string) => Role | null | undefined): Map<string, Role> {
  const roles = new Map<string, Role>([['INBOX', 'inbox']]);
  const given = new Set<Role>(['inbox']);
  const give = (path: string, role: Role | undefined): void => {
    if (role === undefined || given.has(role) || roles.has(path)) return;
    given.add(role);
    roles.set(path, role);
  };
  for (const [path, entry] of byPath) if (entry?.status !== undefined) give(path, chosenFor(path) ?? undefined);
  const left = [...byPath].filter(([path]) => chosenFor(path) === undefined);
  for (const [path, entry] of left) give(path, roleByFlag(entry?.flags ?? []));
  for (const [path, entry] of left) if (entry?.status !== undefined && !path.includes(SEPARATOR)) give(path, roleByName(path));
  return roles;
}

function countsOf(status: ReadonlyMap<string, string>): Counts | undefined {
  const number = (name: string): number => {
    const text = status.get(name) ?? '';
    return /^\d{1,10}$/.test(text) ? Number(text) : 0;
  };
  const modSeq = status.get('HIGHESTMODSEQ');
  return {
    uidValidity: number('UIDVALIDITY'),
    uidNext: number('UIDNEXT'),
    total: number('MESSAGES'),
    unread: Math.min(number('UNSEEN'), number('MESSAGES')),
    modSeq: modSeq !== undefined && /^[1-9]\d{0,18}$/.test(modSeq) ? modSeq : undefined,
  };
}
