/** One client's ManageSieve connection, as its commands see it. */
import type { Line } from '#wire/imap/tokens.ts';
import { encodeString } from '#wire/sieve/string.ts';
import type { Output } from '../imap/output.ts';
import type { Services } from '../services.ts';
import type { Scripts } from './scripts.ts';

export type Session = {
  readonly services: Services;
  readonly id: string;
  readonly port: 'sieve' | 'sieve-trusted';
  readonly out: Output;
  /** The next line with its literals; undefined at the end of the connection. */
  readonly line: () => Promise<Line | undefined>;
  user: string | undefined;
  scripts: Scripts | undefined;
  ending: boolean;
  refusals: number;
};

/** How a command ends. `code` without its parentheses. */
export type Reply = { readonly status: 'OK' | 'NO' | 'BYE'; readonly code?: string; readonly text: string };

export const ok = (text: string): Reply => ({ status: 'OK', text });
export const no = (text: string, code?: string): Reply => ({ status: 'NO', text, ...(code === undefined ? {} : { code }) });

export function write(out: Output, { status, code, text }: Reply): void {
  out.part(`${status} ${code === undefined ? '' : `(${code}) `}`);
  out.part(encodeString(text, 'server'));
  out.line('');
}
