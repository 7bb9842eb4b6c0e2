/**
 * A large mailbox: letters of a kilobyte or two, in conversations, over ten years; each word of a small vocabulary is in
 * some of them, and each of the rare words in one of a thousand. The same in every run but for the dates, which as in life
 * go up to now; straight into a Maildir.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../mover/corpus.ts';
import { OWNER } from '../mover/dovecot.ts';

/** One for each round: nobody finds what somebody looked for before. Word k is in the letters whose numbers end in 500 + k. */
export const RARE_WORDS = ['zephyrine', 'quixotry', 'ossifrage', 'thrumming', 'vellichor', 'susurrous', 'petrichor', 'nudiustertian', 'borborygmus', 'kakorrhaphia', 'lucubrate', 'ultracrepidarian'];
/** Each letter's first words. */
export const BEGINNING = 'This is the letter';
const WORDS = 'harbour market letter window garden river winter summer meeting invoice ticket concert library school doctor kitchen bicycle station island lantern pepper violin copper meadow thunder ribbon pocket anchor basket candle'.split(' ');
const STEP_S = 3_000;

/** What message n is called. */
export const subjectOf = (n: number): string => (n % 4 === 3 ? `Re: ${subjectOf(n - 1)}` : `${WORDS[n % WORDS.length]} and ${WORDS[(n * 7 + 3) % WORDS.length]}, number ${n}`);

export function writeLargeMailbox(maildir: string, messages: number): void {
  for (const box of ['', '.Sent', '.Drafts', '.Trash']) for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, box, part), { recursive: true });
  const next = random(11);
  const end = Date.now();
  for (let n = 0; n < messages; n += 1) {
    const words = Array.from({ length: 120 + Math.floor(next() * 120) }, () => WORDS[Math.floor(next() * WORDS.length)]!);
    const rare = RARE_WORDS[(n % 1_000) - 500];
    if (rare !== undefined) words.push(rare);
    const at = new Date(end - (messages - n) * STEP_S * 1_000);
    const head = [
      `From: Person ${n % 211} <person${n % 211}@elsewhere.example>`,
      'To: customer@isp.example',
      `Subject: ${subjectOf(n)}`,
      `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <bench.${n}@elsewhere.example>`,
      ...(n % 4 === 3 ? [`In-Reply-To: <bench.${n - 1}@elsewhere.example>`, `References: <bench.${n - 1}@elsewhere.example>`] : []),
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
    ];
    const lines = Array.from({ length: Math.ceil(words.length / 12) }, (_, line) => words.slice(line * 12, line * 12 + 12).join(' '));
    const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${BEGINNING} ${n}.\r\n${lines.join('\r\n')}\r\n`);
    const file = join(maildir, 'cur', `${1_000_000_000 + n}.M0P0.bench,S=${bytes.length},W=${bytes.length}:2,${n % 10 === 9 ? '' : 'S'}`);
    writeFileSync(file, bytes);
    utimesSync(file, at, at);
  }
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${OWNER.user}:${OWNER.group}`, join(maildir, '..')]);
}
