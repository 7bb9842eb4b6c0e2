/**
 * What simulated people did and what they were told, on disk before it is acted upon.
 *
 * Invariants: an intent is synced before its command is sent, an answer is written as soon as it came; an intent without
 * an answer is undecided, whatever killed its writer. Lines are JSON, in the order of each account's acts.
 */
import { closeSync, fdatasync, openSync, readFileSync, write } from 'node:fs';
import { promisify } from 'node:util';

/** What became of an act: done, refused for certain, or nobody knows. */
export type Outcome = 'done' | 'refused' | 'unknown';

/** An act upon one message. `key` names the message: `id:...` for those made here, else the SHA-256 of its bytes. */
export type MailAct =
  | { readonly act: 'flag'; readonly account: string; readonly mailbox: string; readonly key: string; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly act: 'move'; readonly account: string; readonly mailbox: string; readonly key: string; readonly to: string }
  | { readonly act: 'expunge'; readonly account: string; readonly mailbox: string; readonly key: string }
  | { readonly act: 'append'; readonly account: string; readonly mailbox: string; readonly key: string; readonly sha: string; readonly flags: readonly string[]; readonly internalDate: number }
  | { readonly act: 'deliver'; readonly account: string; readonly key: string; readonly sha: string };

/** A sign-in and its verdict; `lost`: the connection went without one. */
export type SignInAct = {
  readonly act: 'sign-in';
  readonly account: string;
  readonly secret: 'right' | 'wrong' | 'old';
  /** Whether we knew the right secret of this account: a hash that matches, or a success through us some seconds before. */
  readonly known: boolean;
  readonly authority: 'ours' | 'old';
};
export type SignInVerdict = 'accepted' | 'rejected' | 'unavailable' | 'lost';

export type JournalLine =
  | ({ readonly id: number; readonly at: number } & MailAct)
  | { readonly answer: number; readonly outcome: Outcome }
  | ({ readonly at: number; readonly ended: number; readonly verdict: SignInVerdict } & SignInAct)
  | { readonly commands: number };

export type Journal = {
  /** Syncs the intent, runs the act, writes its outcome and returns it. */
  perform(act: MailAct, run: () => Promise<Outcome>): Promise<Outcome>;
  signedIn(act: SignInAct, at: number, verdict: SignInVerdict): void;
  /** Commands that got their answer, for the count. */
  completed(commands: number): void;
  close(): Promise<void>;
};

export function openJournal(path: string): Journal {
  const fd = openSync(path, 'a', 0o600);
  const append = promisify(write) as (fd: number, text: string) => Promise<unknown>;
  const sync = promisify(fdatasync);
  let nextId = 1;
  let waiting: { text: string; done: () => void }[] = [];
  let flushing: Promise<void> | undefined;

  // Intents that come while a sync is under way share the next one.
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await append(fd, batch.map((each) => each.text).join(''));
      await sync(fd);
      for (const each of batch) each.done();
    }
    flushing = undefined;
  };
  const synced = (line: JournalLine): Promise<void> =>
    new Promise((done) => {
      waiting.push({ text: `${JSON.stringify(line)}\n`, done });
      flushing ??= flush();
    });
  const note = (line: JournalLine): void => {
    waiting.push({ text: `${JSON.stringify(line)}\n`, done: () => {} });
    flushing ??= flush();
  };

  return {
    async perform(act, run) {
      const id = nextId++;
      await synced({ id, at: Date.now(), ...act });
      const outcome = await run();
      note({ answer: id, outcome });
      return outcome;
    },
    signedIn: (act, at, verdict) => note({ at, ended: Date.now(), verdict, ...act }),
    completed: (commands) => note({ commands }),
    async close() {
      while (flushing !== undefined) await flushing;
      closeSync(fd);
    },
  };
}

/** All whole lines of a journal; a torn last one is dropped. */
export function readJournal(path: string): JournalLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as JournalLine);
}
