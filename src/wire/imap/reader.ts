/**
 * Cuts a stream of bytes into the text lines and literals of IMAP (RFC 9051 section 2.2), pull style: push what came,
 * read until it gives nothing.
 *
 * Invariants: the pieces do not depend on how the stream was cut into chunks, but for where a literal is cut. A
 * literal's bytes are passed on as views of the pushed chunk, never copied. What is held back is at most one unfinished
 * line, at most `line` bytes, and costs linear time even when bytes arrive one by one. After an error every read throws
 * it again: the stream is out of step for good.
 */
import { CausewayError } from '#errors/index.ts';
import { createByteQueue } from '../byte-queue.ts';

/** What ended a text: `{n}` (synchronising), `{n+}` (RFC 7888), `~{n}` (binary, RFC 3516). */
export type LiteralMark = { size: number; synchronising: boolean; binary: boolean };

/**
 * `text`: a line without its CRLF and without the literal's mark. With `literal`, that many bytes follow as `literal`
 * pieces and then more text of the same logical line. `literal`: bytes of the current literal and how many are still to
 * come; an empty literal gives one empty piece.
 */
export type Piece =
  | { kind: 'text'; bytes: Buffer; literal?: LiteralMark }
  | { kind: 'literal'; bytes: Buffer; remaining: number };

export type ImapReader = {
  push(chunk: Buffer): void;
  /** The next piece; undefined when more bytes are needed. Throws CausewayError 'limit'. */
  read(): Piece | undefined;
  /** Whether nothing of what was pushed is still to be read; the beginning of a line is kept as a copy. */
  readonly isEmpty: boolean;
  /** Takes the bytes that no piece has given yet out of the reader, for handing the socket over. */
  rest(): Buffer;
  /** After a text that announced a literal: it was refused, so what comes next is a new line. */
  refuseLiteral(): void;
};

/**
 * RFC 7162 section 4 (after RFC 2683 section 3.2.1.5) asks servers to take 8,192 octets; clients with large sequence sets
 * send more, and 64 KiB is what Dovecot (`imap_max_line_length`) takes.
 */
export const LINE_LIMIT = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * @param limits bytes. `line`: all text of one logical line, marks of literals included, which also bounds the number of
 *   its literals. `literal`: one literal.
 * @param peer who sends the bytes. A server's human text may end in what looks like a literal's mark, and it may send
 *   empty lines; a client's may not.
 */
export function createImapReader(
  limits: { line?: number; literal: number },
  peer: 'client' | 'server' = 'client',
): ImapReader {
  const lineLimit = limits.line ?? LINE_LIMIT;
  const queue = createByteQueue();
  let textLeft = lineLimit; // of this logical line
  let continued = false; // the next text goes on after a literal
  let literal: { left: number; touched: boolean } | undefined;
  let failure: unknown;

  function readText(): Piece | undefined {
    for (;;) {
      const bytes = queue.line(textLeft);
      if (bytes === undefined) return undefined;
      if (bytes.length === 0 && peer === 'server' && !continued) continue;
      const found = findMark(bytes);
      if (found === undefined || (peer === 'server' && !continued && isStatusText(bytes))) {
        startLine();
        return { kind: 'text', bytes };
      }
      if (found.mark.size > limits.literal) {
        throw new CausewayError('limit', `a literal of more than ${limits.literal} bytes`);
      }
      textLeft -= bytes.length;
      continued = true;
      literal = { left: found.mark.size, touched: false };
      return { kind: 'text', bytes: bytes.subarray(0, found.at), literal: found.mark };
    }
  }

  function startLine(): void {
    textLeft = lineLimit;
    continued = false;
    literal = undefined;
  }

  function readLiteral(current: { left: number; touched: boolean }): Piece | undefined {
    const bytes = current.left === 0 ? NOTHING : queue.bytes(current.left);
    if (bytes === undefined) return undefined;
    current.left -= bytes.length;
    current.touched = true;
    if (current.left === 0) literal = undefined;
    return { kind: 'literal', bytes, remaining: current.left };
  }

  return {
    push: queue.push,
    rest: queue.rest,
    get isEmpty() {
      return queue.isEmpty;
    },
    read() {
      if (failure !== undefined) throw failure;
      try {
        return literal === undefined ? readText() : readLiteral(literal);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    refuseLiteral() {
      if (literal === undefined || literal.touched) {
        throw new CausewayError('internal', 'there is no literal to refuse');
      }
      startLine();
    },
  };
}

const STAR = 0x2a;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const TILDE = 0x7e;
const SPACE = 0x20;
const PARENTHESIS = 0x28;

/** More digits than a 64 bit number has (RFC 9051 `number64`) are no size. */
const SIZE_DIGITS = 20;

/** A literal's mark at the end of a line, and where it begins. */
function findMark(line: Buffer): { mark: LiteralMark; at: number } | undefined {
  let at = line.length - 1;
  if (line[at] !== CLOSE) return undefined;
  at -= 1;
  const synchronising = line[at] !== PLUS;
  if (!synchronising) at -= 1;
  const last = at;
  while (at >= 0 && last - at <= SIZE_DIGITS && isDigit(line[at])) at -= 1;
  if (at === last || last - at > SIZE_DIGITS || line[at] !== OPEN) return undefined;
  const size = Number(line.toString('latin1', at + 1, last + 1));
  const before = line[at - 2];
  const binary = line[at - 1] === TILDE && (before === undefined || before === SPACE || before === PARENTHESIS);
  return { mark: { size, synchronising, binary }, at: binary ? at - 1 : at };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Statuses and continuation requests end in free text, which often quotes a name that a customer chose. */
function isStatusText(line: Buffer): boolean {
  // `* 12 FETCH`, as before each message: no status has a number there.
  if (line[0] === STAR && line[1] === SPACE && isDigit(line[2])) return false;
  return /^[\0 ]*(?:\+|[^ ]+ +(?:OK|NO|BAD|BYE|PREAUTH)(?: |$))/i.test(line.toString('latin1', 0, 256));
}
