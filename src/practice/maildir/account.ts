/**
 * One account's mailboxes: a Maildir++ tree with `subscriptions` and `specialuse` at its top.
 *
 * Invariants: a mailbox that somebody watches has exactly one Mailbox object. Names here are disk names (`names.ts`).
 * Nobody keeps an unwatched Mailbox over an await: it is asked for again.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CausewayError } from '#errors/index.ts';
import { type LineFile, openLineFile } from './line-file.ts';
import { createMailbox, loadMailbox, type Mailbox } from './mailbox.ts';
import { directoryOf, INBOX } from './names.ts';

/** RFC 6154's uses that a customer may give a mailbox. */
export const SPECIAL_USES = ['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Junk', '\\Sent', '\\Trash'] as const;

/** 10,000: far above any customer's, low enough that a LIST stays a matter of milliseconds. */
const MOST_MAILBOXES = 10_000;

export type Account = {
  /** Disk names, INBOX first, then in alphabetical order. */
  names(): readonly string[];
  has(diskName: string): boolean;
  /** @throws CausewayError `not-found` */
  open(diskName: string): Mailbox;
  /** @throws CausewayError `conflict` when it exists */
  create(diskName: string, uses?: readonly string[]): Mailbox;
  delete(diskName: string): void;
  /** Renames with all that lies below. INBOX gives its messages to a new mailbox and stays (RFC 3501 6.3.5). */
  rename(from: string, to: string): void;
  readonly subscriptions: LineFile;
  /** Special uses of a mailbox. */
  usesOf(diskName: string): string[];
  /** Whether a session watches one of the mailboxes. */
  watched(): boolean;
};

/**
 * @param maildir the account's `Maildir`, which exists
 * @param spool a folder on the same file system
 */
export function openAccount(maildir: string, spool: string, freshUidValidity: () => number): Account {
  const loaded = new Map<string, Mailbox>();
  const subscriptions = openLineFile(join(maildir, 'subscriptions'));
  const specialUse = openLineFile(join(maildir, 'specialuse'));
  let known: string[] | undefined;

  const directory = (name: string): string => join(maildir, directoryOf(name));
  const names = (): string[] => {
    known ??= [
      INBOX,
      ...readdirSync(maildir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && /^\.[^.]/.test(entry.name) && existsSync(join(maildir, entry.name, 'cur')))
        .map((entry) => entry.name.slice(1))
        .sort(),
    ];
    return known;
  };
  const has = (name: string): boolean => names().includes(name);
  const mustExist = (name: string): void => {
    if (!has(name)) throw new CausewayError('not-found', 'Mailbox does not exist.');
  };
  const mustNotExist = (name: string): void => {
    if (has(name)) throw new CausewayError('conflict', 'Mailbox already exists.');
  };

  function open(name: string): Mailbox {
    const ready = loaded.get(name);
    if (ready) return ready;
    mustExist(name);
    // A Maildir made by hand may lack the parts that are empty.
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(directory(name), part), { recursive: true });
    const mailbox = loadMailbox(directory(name), spool, freshUidValidity);
    loaded.set(name, mailbox);
    return mailbox;
  }

  function create(name: string, uses: readonly string[] = []): Mailbox {
    mustNotExist(name);
    if (names().length >= MOST_MAILBOXES) throw new CausewayError('limit', 'Too many mailboxes.');
    createMailbox(directory(name), freshUidValidity(), name === INBOX);
    known = undefined;
    for (const use of uses) specialUse.add(`${use} ${name}`);
    return open(name);
  }

  const usesOf = (name: string): string[] =>
    [...specialUse.lines].filter((line) => line.slice(line.indexOf(' ') + 1) === name).map((line) => line.slice(0, line.indexOf(' ')));

  function renameOne(from: string, to: string): void {
    renameSync(directory(from), directory(to));
    const mailbox = loaded.get(from);
    if (mailbox) {
      loaded.delete(from);
      mailbox.relocate(directory(to));
      loaded.set(to, mailbox);
    }
    for (const use of usesOf(from)) {
      specialUse.remove(`${use} ${from}`);
      specialUse.add(`${use} ${to}`);
    }
  }

  return {
    names,
    has,
    open,
    create,
    delete(name) {
      if (name === INBOX) throw new CausewayError('refused', 'INBOX cannot be deleted.');
      mustExist(name);
      // Renamed first: a half-deleted mailbox must not be found after a crash.
      const doomed = join(spool, `deleted-${basename(maildir)}-${freshUidValidity()}`);
      renameSync(directory(name), doomed);
      known = undefined;
      for (const use of usesOf(name)) specialUse.remove(`${use} ${name}`);
      loaded.get(name)?.abandon();
      loaded.delete(name);
      rmSync(doomed, { recursive: true, force: true });
    },
    rename(from, to) {
      mustNotExist(to);
      if (from === INBOX) {
        const source = open(INBOX);
        const target = create(to);
        for (const message of source.messages) {
          target.add({
            file: source.pathOf(message),
            size: source.sizeOf(message),
            by: 'take',
            flags: target.keywords.bits(source.keywords.flags(message.flags)),
            seconds: source.secondsOf(message),
          });
        }
        source.remove(new Set(source.messages), true);
        return;
      }
      if (to.startsWith(`${from}.`)) throw new CausewayError('refused', 'A mailbox cannot move below itself.');
      const below = names().filter((name) => name.startsWith(`${from}.`));
      // A level that is no mailbox but has some below it can be renamed too.
      if (below.length === 0) mustExist(from);
      const pairs = (has(from) ? [from, ...below] : below).map((name): [string, string] => [name, `${to}${name.slice(from.length)}`]);
      for (const [, target] of pairs) mustNotExist(target);
      for (const [old, target] of pairs) renameOne(old, target);
      known = undefined;
    },
    subscriptions,
    usesOf,
    watched: () => [...loaded.values()].some((mailbox) => mailbox.watched()),
  };
}
