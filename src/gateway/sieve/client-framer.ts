/**
 * Follows what a signed-in ManageSieve client sends: whole commands with their literals, one at a time.
 *
 * Invariants: the platform gets whole commands that are known, byte for byte, each when the one before has been answered:
 * answers have no tags, and no standard asks a server to take commands ahead. A command whose end servers read differently
 * is not passed on. After LOGOUT nothing follows. Frozen, no new command begins; one that has begun goes on to its end.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import type { ByteQueue } from '#wire/byte-queue.ts';
import { LINE_LIMIT, nameOf } from '#wire/sieve/command.ts';
import { endsQuoted, literalMark, type LiteralMark } from '../literal-mark.ts';
import type { Commands, Step } from '../speech.ts';

export type ClientFramer = Commands & {
  /** The command that the platform's next answer is to; undefined when nobody asked. */
  expected(): string | undefined;
  /** The platform's answer has come to its end. */
  answered(): void;
  /** The platform has a part of a command: none of ours may follow. */
  midCommand(): boolean;
  /** LOGOUT was passed on. */
  readonly leaving: boolean;
};

/** What may pass: their answers' forms are known. */
const CARRIED = new Set([
  'CAPABILITY', 'HAVESPACE', 'PUTSCRIPT', 'LISTSCRIPTS', 'SETACTIVE', 'GETSCRIPT', 'DELETESCRIPT', 'RENAMESCRIPT', 'CHECKSCRIPT', 'NOOP', 'LOGOUT',
]);
const NOT_CARRIED: ReadonlyMap<string, string> = new Map([
  ['AUTHENTICATE', 'Already signed in.'],
  ['STARTTLS', 'TLS is begun before signing in.'],
  ['UNAUTHENTICATE', 'Signing out without leaving is not offered here.'],
  ['XCLIENT', 'Only the gateway says where a client comes from.'],
]);

const CRLF = Buffer.from('\r\n');

/** @param queue what the client sent; may hold bytes already (those pipelined behind the sign-in) */
export function createClientFramer({ queue }: { queue: ByteQueue }): ClientFramer {
  let state: 'boundary' | 'literal' | 'text' = 'boundary';
  let left = 0; // of the literal
  let refusal: string | undefined; // the command that is being read is not passed on; this follows its end
  let expected: string | undefined;
  let leaving = false;
  let frozen = false;
  let hungry = false;

  function readLine(): Buffer | undefined {
    const line = queue.line(LINE_LIMIT);
    hungry = line === undefined;
    return line;
  }

  /** The end of a line: more of the command follows, or it is over. */
  function goOn(mark: LiteralMark | undefined): void {
    if (mark?.size === Number.POSITIVE_INFINITY) throw new CausewayError('limit', 'a literal of more bytes than can be counted');
    state = mark === undefined ? 'boundary' : 'literal';
    left = mark?.size ?? 0;
  }

  function begin(line: Buffer): Step | undefined {
    const name = nameOf(line);
    const mark = literalMark(line);
    refusal = CARRIED.has(name) ? undefined : NOT_CARRIED.get(name) ?? 'That is no command here.';
    if (!isSound(line, mark)) refusal ??= 'That is no command: a string does not end, or a literal is announced where none can be.';
    goOn(mark);
    if (refusal !== undefined) return state === 'boundary' ? refuse() : undefined;
    expected = name;
    leaving = name === 'LOGOUT';
    return forwardLine(line);
  }

  function refuse(): Step {
    const line = `NO "${refusal}"`;
    refusal = undefined;
    return { kind: 'answer', line };
  }

  /** A later line of a command. */
  function follow(line: Buffer): Step | undefined {
    const mark = literalMark(line);
    if (refusal === undefined && !isSound(line, mark)) throw new CausewayError('protocol', 'a command whose end servers read differently');
    goOn(mark);
    if (refusal === undefined) return forwardLine(line);
    return state === 'boundary' ? refuse() : undefined;
  }

  return {
    next() {
      for (;;) {
        hungry = false;
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
          if (refusal === undefined) step = { kind: 'forward', bytes };
        } else {
          if (state === 'boundary' && (frozen || leaving || expected !== undefined)) return undefined;
          const line = readLine();
          if (line === undefined) return undefined;
          if (state === 'text') step = follow(line);
          // Some clients send an empty line after a script; servers differ on it.
          else if (line.length > 0) step = begin(line);
        }
        if (step !== undefined) return step;
      }
    },
    expected() {
      return expected;
    },
    answered() {
      expected = undefined;
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    quiet() {
      return frozen && !leaving && expected === undefined && (state === 'boundary' || refusal !== undefined);
    },
    midCommand() {
      return state !== 'boundary' && refusal === undefined;
    },
    get leaving() {
      return leaving;
    },
    hungry() {
      return hungry;
    },
  };
}

function forwardLine(line: Buffer): Step {
  return { kind: 'forward', bytes: Buffer.concat([line, CRLF]) };
}

/**
 * Whether every server finds the same end of this line. A lone CR is a line end to some, a NUL to others; a client's literals
 * are `{n+}` (RFC 5804 section 4), behind a space.
 */
function isSound(line: Buffer, mark: LiteralMark | undefined): boolean {
  if (line.includes(0) || line.includes(13)) return false;
  if (mark === undefined) return !endsQuoted(line, line.length);
  return mark.clear && !mark.synchronising && line[mark.at] === OPEN;
}

/** What IMAP's binary literals begin with is none here. */
const OPEN = 0x7b;
