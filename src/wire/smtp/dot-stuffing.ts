/**
 * The message after DATA (RFC 5321 section 4.5.2): a dot at the start of a line is doubled, a dot alone ends it.
 *
 * Invariants: only CRLF ends a line, so lone CR and bare LF go through as they are. A chunk in which nothing changes is
 * passed on uncopied. How the message is cut into chunks makes no difference.
 */

/** What the bytes so far end in. A line starts at the beginning of the message and after CRLF. */
type Position = 'middle' | 'cr' | 'line-start';

const LF = 10;
const CR = 13;
const DOT = 0x2e;
const LINE_START_DOT = Buffer.from('\r\n.');
const DOT_BYTES = Buffer.from('.');
const CR_BYTES = Buffer.from('\r');
const NOTHING = Buffer.alloc(0);

function positionAfter(byte: number | undefined, before: Position): Position {
  if (byte === CR) return 'cr';
  return byte === LF && before === 'cr' ? 'line-start' : 'middle';
}

/** The same for a whole run of bytes. */
function positionAfterAll(bytes: Buffer, before: Position): Position {
  if (bytes.length === 0) return before;
  const previous = bytes.length > 1 ? positionAfter(bytes.at(-2), 'middle') : before;
  return positionAfter(bytes.at(-1), previous);
}

/** The offset of the next dot that starts a line, or -1. */
function nextLineDot(chunk: Buffer, from: number, position: Position): number {
  if (position === 'line-start' && chunk[from] === DOT) return from;
  if (position === 'cr' && chunk[from] === LF && chunk[from + 1] === DOT) return from + 1;
  const found = chunk.indexOf(LINE_START_DOT, from);
  return found < 0 ? -1 : found + 2;
}

export type Stuffer = {
  /** The same bytes with dots doubled. */
  push(chunk: Buffer): Buffer;
  /** What must follow so that the message ends in CRLF: CRLF or nothing. The dot line after it is the caller's. */
  end(): Buffer;
};

export function createStuffer(): Stuffer {
  let position: Position = 'line-start';
  return {
    push(chunk) {
      const parts: Buffer[] = [];
      let start = 0;
      for (let dot = nextLineDot(chunk, 0, position); dot >= 0; dot = nextLineDot(chunk, dot + 1, 'middle')) {
        parts.push(chunk.subarray(start, dot), DOT_BYTES);
        start = dot;
      }
      position = positionAfterAll(chunk, position);
      return join(parts, chunk.subarray(start));
    },
    end() {
      return Buffer.from(position === 'line-start' ? '' : '\r\n');
    },
  };
}

export type Unstuffer = {
  /** Bytes of the message; `rest` is set once it has ended, with what followed. Not to be called after that. */
  push(chunk: Buffer): { bytes: Buffer; rest?: Buffer };
};

export function createUnstuffer(): Unstuffer {
  let position: Position | 'dot' | 'dot-cr' = 'line-start';

  return {
    push(chunk) {
      const parts: Buffer[] = [];
      let from = 0;
      while (from < chunk.length) {
        if (position === 'dot') {
          // The dot is dropped either way; a CR after it is held back until it is known whether this is the end.
          if (chunk[from] === CR) {
            position = 'dot-cr';
            from += 1;
            continue;
          }
          position = 'middle';
          if (chunk[from] === DOT) {
            parts.push(chunk.subarray(from, from + 1));
            from += 1;
            continue;
          }
        } else if (position === 'dot-cr') {
          if (chunk[from] === LF) return { bytes: join(parts, NOTHING), rest: chunk.subarray(from + 1) };
          parts.push(CR_BYTES);
          position = 'cr';
        }
        const dot = nextLineDot(chunk, from, position);
        const run = chunk.subarray(from, dot < 0 ? chunk.length : dot);
        if (run.length > 0) parts.push(run);
        position = dot < 0 ? positionAfterAll(run, position) : 'dot';
        from = dot < 0 ? chunk.length : dot + 1;
      }
      return { bytes: join(parts, NOTHING) };
    },
  };
}

function join(parts: Buffer[], last: Buffer): Buffer {
  if (parts.length === 0) return last;
  if (parts.length === 1 && last.length === 0) return parts[0] ?? NOTHING;
  return Buffer.concat([...parts, last]);
}
