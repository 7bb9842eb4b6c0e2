/** The mark at the end of a client's line that announces a literal (RFC 9051 section 4.3, RFC 7888, RFC 3516). */

export type LiteralMark = {
  /** Bytes. Infinity when the number is longer than any that can be meant. */
  readonly size: number;
  readonly synchronising: boolean;
  /** Where the mark begins in the line. */
  readonly at: number;
  /**
   * Whether every server reads it as a mark. Inside an unfinished quoted string, or glued to an atom, one server skips
   * a literal where another reads the next command: a way to run a command past the framer.
   */
  readonly clear: boolean;
};

/** 2^63 has 19 digits; with braces, `~` and `+` no mark is longer than this. */
const LONGEST = 24;

const MARK = /(~?)\{(\d{1,19})(\+?)\}$/;

/** @param line without its line end */
export function literalMark(line: Buffer): LiteralMark | undefined {
  if (line[line.length - 1] !== 0x7d) return undefined;
  const tail = line.toString('latin1', Math.max(0, line.length - LONGEST));
  const found = MARK.exec(tail);
  if (found === null) return undefined;
  const [mark, , digits = '', plus] = found;
  const size = Number(digits);
  const at = line.length - mark.length;
  const before = line[at - 1];
  return {
    size: Number.isSafeInteger(size) ? size : Number.POSITIVE_INFINITY,
    synchronising: plus === '',
    at,
    clear: (before === 0x20 || before === 0x28) && !endsQuoted(line, at),
  };
}

/** Whether a quoted string is open at `end` (RFC 9051 `quoted`: a backslash takes the next character as it is). */
export function endsQuoted(line: Buffer, end: number): boolean {
  let quoted = false;
  for (let at = 0; at < end; at += 1) {
    if (line[at] === 0x22) quoted = !quoted;
    else if (quoted && line[at] === 0x5c) at += 1;
  }
  return quoted;
}
