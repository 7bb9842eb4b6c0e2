/**
 * The mail that every tool carries: the same bytes, flags and dates in every run.
 *
 * 10,000 messages of 353 MB in 12 mailboxes, sizes log-normal up to 5 MB; flags, keywords and dates of all kinds; exact
 * duplicates; messages with equal headers and other bodies; messages without Message-ID, and some without any header
 * that would tell them apart. Written straight into a Maildir, which Dovecot takes up as it is.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OWNER } from './dovecot.ts';

export type Corpus = { readonly messages: number; readonly bytes: number; readonly mailboxes: readonly string[] };

export const LARGE: Corpus = {
  messages: 10_000,
  bytes: 353_000_000,
  mailboxes: ['', 'Sent', 'Drafts', 'Trash', 'Junk', 'Archiv', 'Archiv.2019', 'Archiv.2020', 'Archiv.2021', 'Familie', 'Arbeit', 'B&APw-ro'],
};
export const SMALL: Corpus = { messages: 200, bytes: 4_000_000, mailboxes: ['', 'Sent', 'Trash'] };

const KEYWORDS = ['$Forwarded', '$MDNSent', '$NotJunk', 'NonJunk', 'Work', 'Private', '$label1', '$label2', 'todo', 'tax'];
const LARGEST = 5_000_000;
const SMALLEST = 300;

/** A small generator with a seed (Numerical Recipes' constants). */
export function random(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Lines as of an attachment; messages take their bodies from it. */
const TEXT = (() => {
  const next = random(7);
  const text = Buffer.alloc(LARGEST + 2 ** 20);
  for (let at = 0; at < text.length; at += 1) {
    const column = at % 78;
    text[at] = column === 76 ? 13 : column === 77 ? 10 : ALPHABET.charCodeAt(Math.floor(next() * 64));
  }
  return text;
})();

function sizes({ messages, bytes }: Corpus, next: () => number): number[] {
  const shape = Array.from({ length: messages }, () => Math.exp(1.6 * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())));
  const scaled = (factor: number): number[] => shape.map((size) => Math.round(Math.min(LARGEST, SMALLEST + size * factor)));
  // The cap makes the sum a little less than proportional: a few steps come as near as anybody needs.
  let factor = 1;
  for (let step = 0; step < 20; step += 1) {
    const spare = scaled(factor).reduce((sum, size) => sum + size - SMALLEST, 0);
    factor *= (bytes - messages * SMALLEST) / spare;
  }
  return scaled(factor);
}

type Message = { readonly bytes: Buffer; readonly flags: string; readonly seconds: number };

function compose(n: number, size: number, next: () => number): Buffer {
  const kind = n % 100;
  const lines = [`From: Sender ${n % 211} <sender${n % 211}@example.org>`, 'To: customer@isp.example', `Subject: message ${n}`];
  if (kind !== 17 && kind !== 18) lines.push(`Message-ID: <bench.${n}@example.org>`);
  // Two in a hundred have the headers of others: only their bodies tell them apart.
  const head = kind === 18 ? 'From: list@example.org\r\nSubject: report\r\n' : kind === 19 ? '' : `${lines.join('\r\n')}\r\n`;
  const start = 78 * Math.floor(next() * 10_000);
  const body = TEXT.subarray(start, start + Math.max(0, size - head.length - 2));
  return Buffer.concat([Buffer.from(`${head}\r\n`), body, ...(body.at(-1) === 10 ? [] : [Buffer.from('\r\n')])]);
}

/** @returns how many messages and bytes were written */
export function writeCorpus(maildir: string, corpus: Corpus, seed: number): { messages: number; bytes: number } {
  const next = random(seed);
  const wanted = sizes(corpus, next);
  const boxes = corpus.mailboxes.map((name): Message[] => (prepare(join(maildir, folderOf(name))), []));
  let former: Message | undefined;
  wanted.forEach((size, n) => {
    const letters = [...'DFRST'].filter((letter) => next() < { D: 0.02, F: 0.05, R: 0.2, S: 0.8, T: 0.01 }[letter]!);
    const words = KEYWORDS.flatMap((_, k) => (next() < 0.03 ? [String.fromCharCode(97 + k)] : []));
    const seconds = 946_684_800 + Math.floor(next() * 800_000_000);
    // One in two hundred is what the one before it was, byte for byte; every other of them even of the same moment.
    const twin = n % 200 === 199 ? former : undefined;
    const message = { bytes: twin?.bytes ?? compose(n, size, next), flags: [...letters, ...words].join(''), seconds: twin !== undefined && n % 400 === 399 ? twin.seconds : seconds };
    const box = twin === undefined ? Math.floor(next() ** 2 * boxes.length) : boxes.findIndex((messages) => messages.at(-1) === former);
    boxes[box]!.push(message);
    former = message;
  });
  let bytes = 0;
  boxes.forEach((messages, box) => {
    const folder = join(maildir, folderOf(corpus.mailboxes[box]!));
    messages.forEach((message, n) => {
      bytes += message.bytes.length;
      write(folder, message, n + 1);
    });
  });
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${OWNER.user}:${OWNER.group}`, join(maildir, '..')]);
  return { messages: wanted.length, bytes };
}

const folderOf = (name: string): string => (name === '' ? '' : `.${name}`);

function prepare(folder: string): void {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'dovecot-keywords'), KEYWORDS.map((word, n) => `${n} ${word}\n`).join(''));
}

function write(folder: string, { bytes, flags, seconds }: Message, n: number): void {
  // Dovecot numbers the messages of a new Maildir by their names.
  const file = join(folder, 'cur', `${1_000_000_000 + n}.M0P0.bench,S=${bytes.length},W=${bytes.length}:2,${flags}`);
  writeFileSync(file, bytes);
  utimesSync(file, seconds, seconds);
}
