/**
 * What a server sends, cut into logical lines, with literals that somebody wants taken out as they arrive.
 *
 * Invariants: while it is held nothing is read any further, so a slow consumer costs one chunk. What is kept of one
 * logical line (text and literals that nobody streams) is at most KEPT_LIMIT bytes. Where chunks are `passing`, their
 * memory is read into again: nothing is kept of one beyond its turn, but while it is held (`wanted`).
 */
import { CausewayError } from '#errors/index.ts';
import { createImapReader } from '#wire/imap/reader.ts';
import type { Line } from '#wire/imap/tokens.ts';

/** Takes a literal's bytes, in its turn or, with false, until `release`. The last chunk may be empty. */
export type LiteralSink = (chunk: Buffer, last: boolean) => boolean;

export type InputHandlers = {
  /** At the start of a literal: who takes it, or memory of its size to keep it in. Nobody: it is kept as a part of the line. */
  openLiteral(line: Line, size: number): LiteralSink | Buffer | undefined;
  /** Is offered each whole logical line first, and keeps no piece of it but literals. False: it is not for it. */
  onPlain?(line: Line): boolean;
  /** A whole logical line; a literal that was taken is in it as an empty one. */
  onLine(line: Line): void;
  /** Reading goes on: the socket may flow again. */
  onReleased(): void;
  /** Whether a chunk's memory may be written anew. */
  readonly passing?: boolean;
};

export type Input = {
  /** Throws CausewayError 'limit' or what a handler throws. */
  push(chunk: Buffer): void;
  hold(): void;
  /** Goes on reading; throws as `push` does. */
  release(): void;
  readonly held: boolean;
  /** Whether anything is still wanted of what was pushed: what is unread, or in the hands of who holds the input. */
  readonly wanted: boolean;
  /** Ends reading for good. What was not read stays for `rest`. */
  stop(): void;
  /** Whether a logical line is begun and not ended, so that `rest` would not be the whole of it. */
  readonly midLine: boolean;
  /** The bytes that were pushed and not read. */
  rest(): Buffer;
};

/** A SEARCH answer over a million messages is one line of 8 bytes a message. */
const LINE_LIMIT = 8 * 1024 * 1024;

/** The grammar's literal is a 32 bit number (RFC 3501 section 9); those above KEPT_LIMIT must be streamed. */
const LITERAL_LIMIT = 2 ** 32 - 1;

/** What is kept is names, headers and short texts; 16 MiB is far above them, and a hundred connections can bear it. */
const KEPT_LIMIT = 16 * 1024 * 1024;

export function createInput(handlers: InputHandlers): Input {
  const reader = createImapReader({ line: LINE_LIMIT, literal: LITERAL_LIMIT }, 'server');
  let line: Line = [];
  let owned = 0; // pieces of it that are not views of a chunk
  let kept = 0;
  let chunks: Buffer[] = []; // of the literal that is being kept
  let sink: LiteralSink | undefined;
  let room: { readonly memory: Buffer; filled: number } | undefined;
  const passing = handlers.passing === true;
  let held = false;
  let stopped = false;
  let reading = false;

  function keep(bytes: number): void {
    kept += bytes;
    if (kept > KEPT_LIMIT) throw new CausewayError('limit', `a response of more than ${KEPT_LIMIT} bytes`);
  }

  function read(): void {
    if (reading) return;
    reading = true;
    try {
      for (;;) {
        if (held || stopped) return;
        const piece = reader.read();
        if (piece === undefined) return;
        if (piece.kind === 'literal') {
          acceptLiteral(piece.bytes, piece.remaining === 0);
        } else {
          keep(piece.bytes.length);
          line.push(piece.bytes);
          if (piece.literal === undefined) acceptLine();
          else openLiteral(piece.literal.size);
        }
      }
    } finally {
      own();
      reading = false;
    }
  }

  /** What is kept beyond this turn, or given to who may keep it, is no chunk's memory. */
  function own(): void {
    if (!passing) return;
    for (; owned < line.length; owned += 1) {
      const piece = line[owned]!;
      if (Buffer.isBuffer(piece)) line[owned] = Buffer.from(piece);
    }
  }

  function openLiteral(size: number): void {
    const found = handlers.openLiteral(line, size);
    sink = typeof found === 'function' ? found : undefined;
    room = typeof found === 'object' ? { memory: found, filled: 0 } : undefined;
    if (sink === undefined && kept + size > KEPT_LIMIT) keep(size);
  }

  function acceptLiteral(bytes: Buffer, last: boolean): void {
    const taker = sink;
    if (taker === undefined) {
      keep(bytes.length);
      if (room === undefined) chunks.push(passing ? Buffer.from(bytes) : bytes);
      else room.filled += bytes.copy(room.memory, room.filled);
    }
    if (last) {
      line.push({ literal: room?.memory ?? (chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)) });
      chunks = [];
      sink = undefined;
      room = undefined;
    }
    if (taker !== undefined && !taker(bytes, last)) held = true;
  }

  function acceptLine(): void {
    const isPlain = handlers.onPlain?.(line) === true;
    if (!isPlain) own();
    const whole = line;
    line = [];
    owned = 0;
    kept = 0;
    if (!isPlain) handlers.onLine(whole);
  }

  return {
    push(chunk) {
      reader.push(chunk);
      read();
    },
    hold() {
      held = true;
    },
    release() {
      if (!held) return;
      held = false;
      read();
      if (!held && !stopped) handlers.onReleased();
    },
    get held() {
      return held;
    },
    stop() {
      stopped = true;
    },
    get wanted() {
      return held || !reader.isEmpty;
    },
    get midLine() {
      return line.length > 0;
    },
    rest: () => reader.rest(),
  };
}
