/**
 * Follows what a signed-in client sends, and says what of it goes on to the platform.
 *
 * Invariants: the platform gets whole commands, in order, byte for byte, but for bare LF (made CRLF, since servers differ
 * on it) and what is refused here. Nothing is passed on beyond a line that waits for the server's word (a synchronising
 * literal, IDLE), so that framer and server never differ on where a command begins. A command whose end servers read
 * differently is not passed on. Frozen, no new command begins; one that has begun goes on to its end.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import type { ByteQueue } from '#wire/byte-queue.ts';
import { literalMark, type LiteralMark } from '../literal-mark.ts';
import type { Commands, Step } from '../speech.ts';
import { commandHead, notCarried } from './command-head.ts';

export type ClientFramer = Commands & {
  /** The server sent `+`. Whether the client is to see it. */
  continued(): boolean;
  /** The server ended a command. False: nobody sent it one with this tag. */
  tagged(tag: string): boolean;
  /** For when the session has sent DONE by itself. The tag of the IDLE stays outstanding. */
  leaveIdle(): void;
  idling(): boolean;
  /** The platform has a part of a command, or an IDLE that it has not confirmed: no command of ours may follow. */
  midCommand(): boolean;
  outstanding(): number;
};

/** What Dovecot takes (`imap_max_line_length`); clients send long sequence sets. */
export const LINE_LIMIT = 64 * 1024;
/** Commands without their tagged answer. A client that pipelines sends tens; what is beyond waits in its socket. */
export const OUTSTANDING_LIMIT = 1_000;

const CRLF = Buffer.from('\r\n');

type Options = {
  /** What the client sent; may hold bytes already (those pipelined behind the sign-in). */
  readonly queue: ByteQueue;
  /** The largest non-synchronising literal that the platform takes. Larger ones are passed on as synchronising. */
  readonly openLiteral: number;
};

export function createClientFramer({ queue, openLiteral }: Options): ClientFramer {
  let state: 'boundary' | 'literal' | 'text' | 'idle' = 'boundary';
  let left = 0; // of the literal
  let tag = ''; // of the command that is being read, or of the IDLE
  let waiting: { readonly for: 'idle' | 'literal'; readonly size: number; readonly converted: boolean } | undefined;
  /** The command that is being read is not passed on; `answer` follows its end. */
  let swallowed: { readonly answer: string | undefined } | undefined;
  let held: Buffer | undefined; // a first line that waits until its tag is free
  let frozen = false;
  let hungry = false;
  const outstanding = new Set<string>();

  const forward = (bytes: Buffer): Step => ({ kind: 'forward', bytes });
  const passLine = (line: Buffer): Step => forward(Buffer.concat([line, CRLF]));

  function readLine(): Buffer | undefined {
    const line = queue.line(LINE_LIMIT);
    hungry = line === undefined;
    return line;
  }

  function readLiteral(size: number): void {
    state = 'literal';
    left = size;
  }

  function begin(line: Buffer): Step | undefined {
    const head = commandHead(line);
    const mark = markOf(line);
    const why = whyNot(head, line, mark);
    if (head !== undefined && why === undefined) {
      outstanding.add(head.tag);
      tag = head.tag;
      return pass(line, mark, head.name);
    }
    const answer = `${head?.tag ?? '*'} BAD ${why}`;
    // A client that announced a synchronising literal takes the answer for its refusal.
    if (mark === undefined || mark.synchronising) return { kind: 'answer', line: answer };
    swallowed = { answer };
    readLiteral(mark.size);
    return undefined;
  }

  function pass(line: Buffer, mark: LiteralMark | undefined, name: string): Step {
    if (mark === undefined) {
      state = 'boundary';
      if (name === 'IDLE') waiting = { for: 'idle', size: 0, converted: false };
      return passLine(line);
    }
    const { size } = mark;
    if (!mark.synchronising && size <= openLiteral) {
      readLiteral(size);
      return passLine(line);
    }
    if (!outstanding.has(tag)) {
      // The server ended the command before this line: it waits for no literal, so neither do we.
      state = 'boundary';
      if (mark.synchronising) return passLine(line);
      throw new CausewayError('protocol', 'a literal for a command that is over');
    }
    waiting = { for: 'literal', size, converted: !mark.synchronising };
    return passLine(mark.synchronising ? line : Buffer.concat([line.subarray(0, -2), Buffer.from('}')]));
  }

  /** A later line of a command that is not passed on. */
  function swallow(line: Buffer): Step | undefined {
    const mark = literalMark(line);
    if (mark !== undefined && !mark.synchronising) {
      readLiteral(sized(mark).size);
      return undefined;
    }
    const answer = swallowed?.answer;
    swallowed = undefined;
    state = 'boundary';
    return answer === undefined ? undefined : { kind: 'answer', line: answer };
  }

  function continueCommand(line: Buffer): Step {
    const mark = markOf(line);
    if ((mark !== undefined && !mark.clear) || unsound(line)) {
      throw new CausewayError('protocol', 'a command whose end servers read differently');
    }
    return pass(line, mark, '');
  }

  return {
    next() {
      for (;;) {
        hungry = false;
        if (waiting !== undefined) return undefined;
        let step: Step | undefined;
        if (state === 'literal') {
          if (left === 0) {
            state = 'text';
            continue;
          }
          const bytes = queue.bytes(left);
          hungry = bytes === undefined;
          if (bytes === undefined) return undefined;
          left -= bytes.length;
          if (swallowed === undefined) step = forward(bytes);
        } else if (state === 'text') {
          const line = readLine();
          if (line === undefined) return undefined;
          step = swallowed === undefined ? continueCommand(line) : swallow(line);
        } else {
          if (frozen) return undefined;
          const line = held ?? readLine();
          held = undefined;
          if (line === undefined) return undefined;
          if (state === 'idle') {
            state = 'boundary';
            return passLine(line);
          }
          // Some clients send an empty line after an APPEND; servers differ on it.
          if (line.length === 0) continue;
          // Two commands with one tag in flight could not be told apart: the second waits.
          if (outstanding.size >= OUTSTANDING_LIMIT || outstanding.has(commandHead(line)?.tag ?? '')) {
            held = line;
            return undefined;
          }
          step = begin(line);
        }
        if (step !== undefined) return step;
      }
    },
    continued() {
      if (waiting === undefined) return true;
      const { for: awaited, size, converted } = waiting;
      waiting = undefined;
      if (awaited === 'idle') state = 'idle';
      else readLiteral(size);
      return !converted;
    },
    tagged(ended) {
      if (!outstanding.delete(ended)) return false;
      if (ended !== tag) return true;
      if (waiting !== undefined) {
        const { size, converted } = waiting;
        waiting = undefined;
        state = 'boundary';
        if (converted) {
          // The client sends the literal whatever the server says.
          swallowed = { answer: undefined };
          readLiteral(size);
        }
      } else if (state === 'idle') {
        state = 'boundary'; // ended by the server
      }
      return true;
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    leaveIdle() {
      if (state === 'idle') state = 'boundary';
    },
    quiet() {
      const between = state === 'boundary' || state === 'idle' || swallowed !== undefined;
      return frozen && between && waiting === undefined && outstanding.size === (state === 'idle' ? 1 : 0);
    },
    idling() {
      return state === 'idle';
    },
    midCommand() {
      return waiting !== undefined || ((state === 'literal' || state === 'text') && swallowed === undefined);
    },
    hungry() {
      return hungry;
    },
    outstanding() {
      return outstanding.size;
    },
  };
}

function whyNot(head: ReturnType<typeof commandHead>, line: Buffer, mark: LiteralMark | undefined): string | undefined {
  if (head === undefined) return 'A command begins with a tag.';
  if (head.name === '') return 'The name of the command is missing.';
  if (mark !== undefined && !mark.clear) return 'A literal is announced where none can be.';
  if (unsound(line)) return 'A NUL or a lone CR in a command.';
  return notCarried(head, line, mark !== undefined);
}

/** A lone CR is a line end to some servers; a NUL may not be sent at all, and ends the line for some. */
function unsound(line: Buffer): boolean {
  return line.includes(0) || line.includes(13);
}

function markOf(line: Buffer): LiteralMark | undefined {
  const mark = literalMark(line);
  return mark === undefined ? undefined : sized(mark);
}

function sized(mark: LiteralMark): LiteralMark {
  if (mark.size === Number.POSITIVE_INFINITY) throw new CausewayError('limit', 'a literal of more bytes than can be counted');
  return mark;
}
