/**
 * The accounts whose holds are measured: many small messages, as the judge of a rehearsal expects them.
 *
 * Invariant: no message is twice in an account, so that what a customer does to it can be judged. All accounts have the
 * same messages, hard links of one corpus: Dovecot never writes into a message's file.
 */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider, SeedMailbox, SeedMessage } from '#rehearsal/provider.ts';
import { createRandom } from '#rehearsal/random.ts';
import { OWNER, PASSWORD } from '../mover/dovecot.ts';

export type Corpus = {
  /** The messages' files: what a seed's `file` counts. */
  readonly files: readonly string[];
  /** In bytes. */
  readonly sizes: readonly number[];
  readonly mailboxes: readonly SeedMailbox[];
};

const MAILBOXES = ['INBOX', 'Sent', 'Drafts', 'Trash', 'Junk', 'Archiv', 'Archiv/2019', 'Archiv/2020', 'Archiv/2021', 'Familie', 'Arbeit', 'Büro'];
const KEYWORDS = ['$Forwarded', '$MDNSent', 'NonJunk', '$Label1'];
/** Maildir's letters for flags. */
const LETTERS = new Map([['\\Draft', 'D'], ['\\Flagged', 'F'], ['\\Answered', 'R'], ['\\Seen', 'S'], ...KEYWORDS.map((word, n) => [word, String.fromCharCode(97 + n)] as const)]);
const FIRST_DATE = Date.UTC(2016, 0, 1);
const DATE_SPAN_S = 8 * 365 * 86_400;

/** Writes the messages; some 600 bytes each, since lists grow with their number and not with their sizes. */
export function writeCorpus(folder: string, messages: number): Corpus {
  mkdirSync(folder, { recursive: true });
  const random = createRandom(1);
  const boxes = MAILBOXES.map((name) => ({ name, messages: [] as SeedMessage[] }));
  const sizes: number[] = [];
  const files = Array.from({ length: messages }, (_, n) => {
    const file = join(folder, String(n));
    const text = `From: Sender ${n % 211} <sender${n % 211}@example.org>\r\nMessage-ID: <bench.${n}@example.org>\r\nSubject: message ${n}\r\n\r\n${'A line as people write it.\r\n'.repeat(random.below(40))}`;
    writeFileSync(file, text);
    sizes.push(text.length);
    const internalDate = FIRST_DATE + random.below(DATE_SPAN_S) * 1_000;
    utimesSync(file, internalDate / 1_000, internalDate / 1_000);
    const flags = [...LETTERS.keys()].filter((flag) => random.chance(flag === '\\Seen' ? 0.8 : 0.05));
    // INBOX and Sent have most, as they do.
    boxes[Math.floor(random.next() ** 2 * boxes.length)]!.messages.push({ file: n, flags, internalDate });
    return file;
  });
  return { files, sizes, mailboxes: boxes };
}

export function makeProvider(accounts: number, { files, mailboxes }: Corpus): Provider {
  const customers = Array.from({ length: accounts }, (_, n) => ({
    address: `customer${n}@isp.example`,
    secret: PASSWORD,
    oldSecret: 'the-one-before',
    authority: 'ours' as const,
    scheme: 'SHA512-CRYPT' as const,
    mailboxes,
  }));
  return { domain: 'isp.example', seed: 1, customers, messages: accounts * files.length };
}

/** Lays the corpus down as an account that Dovecot has never seen. */
export function layDown(maildir: string, { files, sizes, mailboxes }: Corpus): void {
  for (const { name, messages } of mailboxes) {
    const folder = join(maildir, name === 'INBOX' ? '' : `.${name.replaceAll('/', '.').replace('ü', '&APw-')}`);
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, 'dovecot-keywords'), KEYWORDS.map((word, n) => `${n} ${word}\n`).join(''));
    messages.forEach(({ file, flags }, n) => {
      // Dovecot numbers the messages of a new Maildir by their names, and writes sizes into those that it gives.
      linkSync(files[file]!, join(folder, 'cur', `${1_000_000_000 + n}.M0P0.bench,S=${sizes[file]},W=${sizes[file]}:2,${flags.map((flag) => LETTERS.get(flag)).join('')}`));
    });
  }
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${OWNER.user}:${OWNER.group}`, join(maildir, '..')]);
}
