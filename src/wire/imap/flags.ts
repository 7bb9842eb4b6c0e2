/** Flags of messages and mailboxes (RFC 9051 section 2.3.2). */
import { CausewayError } from '#errors/index.ts';
import { textOf, type Token } from './tokens.ts';

const SYSTEM = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', '\\Recent'].map((flag) => [flag.toLowerCase(), flag]),
);

/** The flags of a list, each once. System flags get the RFC's spelling; keywords stay as they were sent. */
export function parseFlags(token: Token | undefined): string[] {
  if (token?.kind !== 'list') throw new CausewayError('protocol', 'expected a list of flags');
  return flagsOfWords(token.items.map(textOf));
}

/** The same of words. */
export function flagsOfWords(words: readonly string[]): string[] {
  return [...new Set(words.map((flag) => SYSTEM.get(flag.toLowerCase()) ?? flag))];
}
