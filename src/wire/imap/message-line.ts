/**
 * The lines that a mover reads most, without making tokens of them: what FETCH tells of a message's UID, flags, internal date
 * and size, and what stands before its bytes. A list of 20,000 messages is as many of them, and in a hold a customer waits
 * for it.
 *
 * Invariant: what is not these items, each once, in their plainest spelling, is left to the parser of all responses
 * (response.ts), which alone judges what a server may say.
 */
export type MessageLine = {
  readonly uid: number;
  /** What stands between the parentheses: flags with a space between two. */
  readonly flags: string;
  /** What stands between the quotes. */
  readonly internalDate: string;
  readonly size: number;
};

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;

const [UID, FLAGS, DATE, SIZE, FETCH, BODY] = ['UID ', 'FLAGS (', 'INTERNALDATE "', 'RFC822.SIZE ', ' FETCH (', ' BODY[] '].map((word) => Buffer.from(word)) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
/** Beyond it a number is not for us to judge. */
const DIGITS = 10;

/** @param line without its line end @returns undefined: the line is another, or not so plain */
export function readMessageLine(line: Buffer): MessageLine | undefined {
  if (line[0] !== 0x2a || line[1] !== SPACE) return undefined;
  let at = endOfNumber(line, 2);
  if (at < 0 || !stands(line, at, FETCH)) return undefined;
  at += FETCH.length;
  let uid = -1;
  let size = -1;
  let flags: string | undefined;
  let internalDate: string | undefined;
  for (let item = 0; item < 4; item += 1) {
    let end: number;
    if (uid < 0 && stands(line, at, UID)) {
      end = endOfNumber(line, (at += UID.length));
      uid = numberIn(line, at, end);
    } else if (flags === undefined && stands(line, at, FLAGS)) {
      end = endOfWords(line, (at += FLAGS.length), CLOSE);
      flags = line.toString('latin1', at, Math.max(at, end));
      end += 1;
    } else if (internalDate === undefined && stands(line, at, DATE)) {
      end = endOfWords(line, (at += DATE.length), QUOTE);
      internalDate = line.toString('latin1', at, Math.max(at, end));
      end += 1;
    } else if (size < 0 && stands(line, at, SIZE)) {
      end = endOfNumber(line, (at += SIZE.length));
      size = numberIn(line, at, end);
    } else {
      return undefined;
    }
    if (end <= 0 || line[end] !== (item < 3 ? SPACE : CLOSE)) return undefined;
    at = end + 1;
  }
  return at === line.length ? { uid, flags: flags!, internalDate: internalDate!, size } : undefined;
}

/** @param line what stands before a literal @returns the UID, where it is the literal of nothing but that message's BODY[] */
export function readBodyHead(line: Buffer): number | undefined {
  if (line[0] !== 0x2a || line[1] !== SPACE) return undefined;
  let at = endOfNumber(line, 2);
  if (at < 0 || !stands(line, at, FETCH)) return undefined;
  at += FETCH.length;
  if (!stands(line, at, UID)) return undefined;
  const end = endOfNumber(line, (at += UID.length));
  return end > 0 && end + BODY.length === line.length && stands(line, end, BODY) ? numberIn(line, at, end) : undefined;
}

function stands(line: Buffer, at: number, word: Buffer): boolean {
  for (let n = 0; n < word.length; n += 1) if (line[at + n] !== word[n]) return false;
  return true;
}

/** @returns -1 where no number begins, or one of too many digits */
function endOfNumber(line: Buffer, start: number): number {
  let at = start;
  while (line[at]! >= ZERO && line[at]! <= NINE) at += 1;
  return at === start || at - start > DIGITS ? -1 : at;
}

function numberIn(line: Buffer, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at += 1) number = number * 10 + line[at]! - ZERO;
  return number;
}

/** @returns -1 where something stands before `closing` that is no plain word */
function endOfWords(line: Buffer, start: number, closing: number): number {
  for (let at = start; at < line.length; at += 1) {
    const byte = line[at]!;
    if (byte === closing) return at;
    // A flag begins with a backslash; a date has none, nor has it what would have to be quoted.
    if (byte < SPACE || byte > 0x7e || byte === OPEN || byte === QUOTE || byte === CLOSE || (byte === BACKSLASH && closing === QUOTE)) return -1;
  }
  return -1;
}
