/**
 * Flags as Maildir keeps them: letters after `:2,` in the file's name, in ASCII order; upper case for system flags,
 * `a`-`z` for the mailbox's keywords, which its `keywords` file names.
 *
 * In memory a message's flags are the bits of one integer: 0-4 system flags, 5-30 keywords.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError } from '#errors/index.ts';

const SYSTEM = [
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
] as const;

export const SYSTEM_FLAGS: readonly string[] = SYSTEM.map(([, flag]) => flag);
export const SEEN = 1 << 3;
export const DELETED = 1 << 4;

/** One letter each: what a Maildir file name can carry. */
export const MOST_KEYWORDS = 26;

export type Keywords = {
  /** In the order of their letters. */
  readonly names: readonly string[];
  /** Bits of `flags`, adding keywords that are new. @throws CausewayError `limit` for the 27th keyword */
  bits(flags: readonly string[]): number;
  /** Bits of the flags that exist here already; others are left out. */
  known(flags: readonly string[]): number;
  /** Names of the bits, system flags first. */
  flags(bits: number): string[];
  /** The directory was renamed. */
  relocate(directory: string): void;
};

/** Opens the `keywords` file of a mailbox: `<number> <keyword>` a line, the number counting from 0 (= letter a). */
export function openKeywords(directory: string): Keywords {
  let file = join(directory, 'keywords');
  const names: string[] = [];
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const match = /^(\d+) (\S+)$/.exec(line);
    if (match && Number(match[1]) === names.length && names.length < MOST_KEYWORDS) names.push(match[2] as string);
  }

  function bitOf(flag: string, add: boolean): number {
    const lower = flag.toLowerCase();
    const system = SYSTEM_FLAGS.findIndex((name) => name.toLowerCase() === lower);
    if (system >= 0) return 1 << system;
    // \Recent and unknown backslash flags cannot be stored (RFC 3501 2.3.2): they are left out, as Dovecot does.
    if (flag.startsWith('\\')) return 0;
    const known = names.findIndex((name) => name.toLowerCase() === lower);
    if (known >= 0) return 1 << (known + 5);
    if (!add) return 0;
    if (names.length >= MOST_KEYWORDS) throw new CausewayError('limit', 'This mailbox cannot hold more keywords.');
    const lines = [...names, flag].map((name, index) => `${index} ${name}\n`);
    // Replaced whole: half a line, left by a full disk, would shift all later letters.
    writeFileSync(`${file}.new`, lines.join(''));
    renameSync(`${file}.new`, file);
    names.push(flag);
    return 1 << (names.length + 4);
  }

  return {
    names,
    bits: (flags) => {
      // All or nothing: a refused list leaves no keyword behind.
      const fresh = new Set(flags.filter((flag) => bitOf(flag, false) === 0 && !flag.startsWith('\\')).map((flag) => flag.toLowerCase()));
      if (names.length + fresh.size > MOST_KEYWORDS) throw new CausewayError('limit', 'This mailbox cannot hold more keywords.');
      return flags.reduce((bits, flag) => bits | bitOf(flag, true), 0);
    },
    known: (flags) => flags.reduce((bits, flag) => bits | bitOf(flag, false), 0),
    relocate: (to) => void (file = join(to, 'keywords')),
    flags: (bits) => {
      const out = SYSTEM_FLAGS.filter((_, index) => bits & (1 << index));
      names.forEach((name, index) => {
        if (bits & (1 << (index + 5))) out.push(name);
      });
      return out;
    },
  };
}

/** `FS` and the like, in ASCII order. */
export function lettersOf(bits: number): string {
  let letters = '';
  SYSTEM.forEach(([letter], index) => {
    if (bits & (1 << index)) letters += letter;
  });
  for (let index = 0; index < MOST_KEYWORDS; index += 1) {
    if (bits & (1 << (index + 5))) letters += String.fromCharCode(97 + index);
  }
  return letters;
}

/** Bits of the letters; unknown ones are left out. */
export function bitsOfLetters(letters: string): number {
  let bits = 0;
  for (const letter of letters) {
    const system = SYSTEM.findIndex(([known]) => known === letter);
    if (system >= 0) bits |= 1 << system;
    else if (letter >= 'a' && letter <= 'z') bits |= 1 << (letter.charCodeAt(0) - 97 + 5);
  }
  return bits;
}
