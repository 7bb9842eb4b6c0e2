/**
 * One mailbox: its messages in memory, its files on disk, and the sessions that watch it.
 *
 * Invariants: this process is the only writer while it runs, so memory is the truth and no command scans the disk. All
 * disk calls are synchronous: on a local disk they take microseconds, and nothing can come between the steps of a
 * change. `messages` is ordered by UID. A message's bytes never change after `add`.
 */
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { bitsOfLetters, type Keywords, lettersOf, openKeywords } from './flags.ts';
import { createUidlist, loadUidlist } from './uidlist.ts';

export type Message = {
  readonly uid: number;
  /** The file's name without its flags. */
  readonly base: string;
  flags: number;
  /** Bytes; -1 until asked for. */
  size: number;
  /** Seconds since the epoch; -1 until asked for. */
  seconds: number;
  /** Expunged: the file is no longer there. */
  gone: boolean;
  /** Which of the mailbox's changes since it was loaded this one's arrival was, and its last; 0: it was there. */
  readonly arrival: number;
  change: number;
};

/** A session that has the mailbox selected. Calls come while the change is made: they only take notes. */
export type Watcher = { arrived(): void; changed(message: Message): void; removed(): void; deleted(): void };

export type NewMessage = {
  /** A file on the same file system. */
  readonly file: string;
  readonly size: number;
  /** `take` renames the file, `copy` leaves it. */
  readonly by: 'take' | 'copy';
  readonly flags: number;
  readonly seconds: number;
};

export type Mailbox = {
  readonly uidValidity: number;
  readonly keywords: Keywords;
  readonly messages: readonly Message[];
  uidNext(): number;
  /** Mod-sequences (RFC 7162): the one of the load, below those of all changes since, and above those of earlier lives. */
  firstModSeq(): number;
  /** Of the last change. */
  highestModSeq(): number;
  pathOf(message: Message): string;
  sizeOf(message: Message): number;
  secondsOf(message: Message): number;
  add(message: NewMessage): Message;
  setFlags(message: Message, flags: number): void;
  /** Expunges. `keepFiles` when they have been moved away already. */
  remove(messages: ReadonlySet<Message>, keepFiles?: boolean): void;
  watch(watcher: Watcher): () => void;
  watched(): boolean;
  /** The directory was renamed. */
  relocate(directory: string): void;
  /** The directory is gone. */
  abandon(): void;
};

/** Changes in one life of a platform, at most: so a mailbox's mod-sequences need not be kept on disk. */
const MOD_SEQS = 2 ** 20;

let counter = 0;
/** Two processes with equal pids after a restart within a second must not make equal names. */
const token = randomBytes(3).toString('hex');

/** A name for a message's file, with its size as Maildir++ writes it. */
export function freshBase(seconds: number, size: number): string {
  counter += 1;
  return `${seconds}.P${process.pid}Q${String(counter).padStart(7, '0')}R${token}.practice,S=${size}`;
}

/** Makes the directories of an empty mailbox. */
export function createMailbox(directory: string, uidValidity: number, isInbox: boolean): void {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(directory, part), { recursive: true });
  if (!isInbox) writeFileSync(join(directory, 'maildirfolder'), '');
  createUidlist(directory, uidValidity);
}

/**
 * Loads a mailbox. Files in `new` go to `cur`; files without a UID get the next ones, in the order of their names.
 * @param spool a folder on the same file system for copies being made
 */
export function loadMailbox(firstDirectory: string, spool: string, freshUidValidity: () => number): Mailbox {
  let directory = firstDirectory;
  for (const name of readdirSync(join(directory, 'new'))) {
    renameSync(join(directory, 'new', name), join(directory, 'cur', name.includes(':2,') ? name : `${name}:2,`));
  }
  const files = new Map<string, number>();
  for (const name of readdirSync(join(directory, 'cur'))) {
    if (name.startsWith('.')) continue;
    const colon = name.lastIndexOf(':2,');
    if (colon < 0) renameSync(join(directory, 'cur', name), join(directory, 'cur', `${name}:2,`));
    files.set(colon < 0 ? name : name.slice(0, colon), colon < 0 ? 0 : bitsOfLetters(name.slice(colon + 3)));
  }
  const keywords = openKeywords(directory);
  const { list, entries } = loadUidlist(directory, (base) => files.has(base), freshUidValidity);
  const unlisted = [...files.keys()].filter((base) => !entries.has(base)).sort();
  const first = unlisted.length > 0 ? list.addAll(unlisted) : 0;
  const uids = new Map([...entries, ...unlisted.map((base, index): [string, number] => [base, first + index])]);
  let messages: Message[] = [...uids]
    .map(([base, uid]) => ({ uid, base, flags: files.get(base) ?? 0, size: sizeInName(base), seconds: -1, gone: false, arrival: 0, change: 0 }))
    .sort((a, b) => a.uid - b.uid);
  const watchers = new Set<Watcher>();
  let changes = 0;
  let modSeqs: number | undefined;
  const firstModSeq = (): number => (modSeqs ??= freshUidValidity() * MOD_SEQS);

  const path = (base: string, flags: number): string => `${directory}/cur/${base}:2,${lettersOf(flags)}`;
  const stat = (message: Message): void => {
    const found = statSync(path(message.base, message.flags));
    message.size = found.size;
    message.seconds = Math.floor(found.mtimeMs / 1_000);
  };

  return {
    uidValidity: list.uidValidity,
    keywords,
    get messages() {
      return messages;
    },
    uidNext: list.uidNext,
    firstModSeq,
    highestModSeq: () => firstModSeq() + changes,
    pathOf: (message) => path(message.base, message.flags),
    sizeOf(message) {
      if (message.size < 0) stat(message);
      return message.size;
    },
    secondsOf(message) {
      if (message.seconds < 0) stat(message);
      return message.seconds;
    },
    add({ file, size, by, flags, seconds }) {
      const base = freshBase(seconds, size);
      const source = by === 'take' ? file : join(spool, base);
      if (by === 'copy') copyFileSync(file, source);
      try {
        utimesSync(source, seconds, seconds);
        const message: Message = { uid: list.add(base), base, flags, size, seconds, gone: false, arrival: changes + 1, change: changes + 1 };
        renameSync(source, path(base, flags));
        messages.push(message);
        changes += 1;
        for (const watcher of watchers) watcher.arrived();
        return message;
      } catch (error) {
        if (by === 'copy') rmSync(source, { force: true });
        throw error;
      }
    },
    setFlags(message, flags) {
      if (message.gone || message.flags === flags) return;
      renameSync(path(message.base, message.flags), path(message.base, flags));
      message.flags = flags;
      changes += 1;
      message.change = changes;
      for (const watcher of watchers) watcher.changed(message);
    },
    remove(gone, keepFiles = false) {
      if (gone.size === 0) return;
      for (const message of gone) {
        if (!keepFiles && !message.gone) unlinkSync(path(message.base, message.flags));
        message.gone = true;
      }
      messages = messages.filter((message) => !message.gone);
      changes += 1;
      for (const watcher of watchers) watcher.removed();
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    watched: () => watchers.size > 0,
    relocate(to) {
      directory = to;
      list.relocate(to);
      keywords.relocate(to);
    },
    abandon() {
      for (const message of messages) message.gone = true;
      messages = [];
      for (const watcher of watchers) watcher.deleted();
    },
  };
}

function sizeInName(base: string): number {
  const match = /,S=(\d+)/.exec(base);
  return match ? Number(match[1]) : -1;
}
