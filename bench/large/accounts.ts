/** The accounts, written straight into Maildirs, and the paths that they are moved over. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LARGE as CORPUS, writeCorpus } from '../mover/corpus.ts';
import { OWNER } from '../mover/dovecot.ts';

/** What lies between the mover and each platform: nothing, a path of so many bytes a second, or one with a round trip. */
export type Path = { readonly bytesPerSecond?: number; readonly restMs?: number; readonly rttMs?: number };

export type Case = {
  /** @param part of the messages */
  write(maildir: string, part: number): void;
  readonly path: Path;
};

/** As between two data centres; without it the message is there before anybody can forecast anything. */
const BETWEEN_DATA_CENTRES = { bytesPerSecond: 12_500_000 };

const corpus = (messages: number, bytes: number, mailboxes: readonly string[] = ['']): Case['write'] => (maildir, part) => void writeCorpus(maildir, { messages: messages * part, bytes: bytes * part, mailboxes }, 1);

/** The first two are large; the others are for the forecast: other shapes of accounts, and of what is in their way. */
export const CASES = {
  many: { write: corpus(100_000, 150_000_000), path: {} },
  large: { write: writeLarge, path: BETWEEN_DATA_CENTRES },
  mixed: { write: corpus(10_000, 353_000_000), path: BETWEEN_DATA_CENTRES },
  folders: { write: corpus(40_000, 400_000_000, CORPUS.mailboxes), path: {} },
  far: { write: corpus(30_000, 200_000_000, CORPUS.mailboxes), path: { rttMs: 40 } },
  stalls: { write: corpus(8_000, 60_000_000), path: { bytesPerSecond: 3_000_000, restMs: 4_000 } },
} satisfies Readonly<Record<string, Case>>;

export type CaseName = keyof typeof CASES;

const LARGE = 150_000_000;
const LINE = Buffer.from(`${'QUFBQUFB'.repeat(9)}AAAA\r\n`);

/** One message of 150 MB among a few small ones. */
function writeLarge(maildir: string): void {
  writeCorpus(maildir, { messages: 20, bytes: 400_000, mailboxes: ['', 'Sent'] }, 2);
  const folder = join(maildir, 'cur');
  mkdirSync(folder, { recursive: true });
  const head = Buffer.from('From: scanner@example.org\r\nSubject: all of it\r\nMessage-ID: <large@example.org>\r\n\r\n');
  const lines = Math.floor((LARGE - head.length) / LINE.length);
  const bytes = head.length + lines * LINE.length;
  const file = join(folder, `1500000000.M0P0.bench,S=${bytes},W=${bytes}:2,S`);
  const handle = openSync(file, 'w');
  writeSync(handle, head);
  const block = Buffer.concat(Array.from({ length: 1_000 }, () => LINE));
  for (let left = lines; left > 0; left -= 1_000) writeSync(handle, block.subarray(0, Math.min(left, 1_000) * LINE.length));
  closeSync(handle);
  utimesSync(file, 1_500_000_000, 1_500_000_000);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${OWNER.user}:${OWNER.group}`, join(maildir, '..')]);
}
