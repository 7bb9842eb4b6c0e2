/** A mail program, driven without a person, and what it said. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener } from '../../../src/context/data-folder.ts';
import type { Protocol } from '../../../src/signin/verdict.ts';

/** What a client is given to sign in and work once. */
export type Visit = {
  /** Its home, with nothing in it yet. */
  readonly folder: string;
  /** The file of the authority that it is to trust. The host is `localhost`. */
  readonly ca: string;
  readonly ports: { readonly [Name in Listener]?: number };
  readonly user: string;
  readonly secret: string;
};

export type Order = {
  readonly command: readonly string[];
  readonly input?: string;
  /** Draws on a terminal, and wants one. There `keys` are typed when `seeing` is seen. */
  readonly terminal?: { readonly seeing: string; readonly keys: string };
};

export type Client = {
  readonly name: string;
  readonly protocol: Protocol;
  /** Prints the program's version. */
  readonly version: readonly string[];
  /** Writes what it needs into its home. What it says of the protocol must be in its output, or in a file `debug*` there. */
  prepare(visit: Visit): Order;
  /** Whether it did its work, and did not only believe so: what it fetched is there. */
  worked(visit: Visit, said: Said): boolean;
  /** What it tells the person who runs it, of all that it printed. */
  readonly printed: RegExp;
};

/** The Subject of the message in each account's INBOX. */
export const SUBJECT = 'Waiting since yesterday';

export type Said = {
  /** Standard output and standard error, as they came. */
  readonly output: string;
  /** That, and what it wrote into its own log of the conversation. */
  readonly all: string;
  readonly status: number | null;
};

/** A client that has not ended by then hangs. The longest wait of ours for an answer is 18 s. */
const PATIENCE_MS = 45_000;

export async function run({ folder }: Visit, { command, input, terminal }: Order): Promise<Said> {
  const [program, ...args] = terminal ? ['script', '-qec', command.map(quote).join(' '), '/dev/null'] : command;
  const child = spawn(program!, args, { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, TERM: 'vt100', LC_ALL: 'C.UTF-8', TZ: 'UTC', COLUMNS: '200', LINES: '40' } });
  let output = '';
  let typed = terminal === undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (typed || terminal === undefined || !output.includes(terminal.seeing)) return;
      typed = true;
      child.stdin.write(terminal.keys);
    });
  }
  child.stdin.on('error', () => {});
  // On a terminal an end is a key like any other.
  if (terminal === undefined) child.stdin.end(input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  writeFileSync(join(folder, 'output'), output);
  return { output, all: output + debugOf(folder), status };
}

function debugOf(folder: string): string {
  try {
    return readFileSync(join(folder, 'debug'), 'utf8');
  } catch {
    return '';
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Writes a file for a client. @returns its path */
export function put({ folder }: Visit, name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
