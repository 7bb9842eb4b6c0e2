/**
 * Follows what a signed-in POP3 client sends: whole commands, and how many of them are not answered yet.
 *
 * Invariants: only whole commands that are known are passed on, one at a time where the platform does not announce
 * PIPELINING (RFC 2449 section 6.6). An answer of our own comes only when all commands before it have been answered,
 * since POP3 has no tags. After QUIT nothing follows. Frozen, no command begins, unless a message was fetched or marked
 * before: such a session goes on to its QUIT, since without it the client would fetch its messages again, or find those
 * again that it deleted.
 * Pure: no sockets, no time.
 */
import type { ByteQueue } from '#wire/byte-queue.ts';
import { type Command, COMMAND_LIMIT, isMultiLine, parseCommand } from '#wire/pop3/command.ts';
import type { Commands, Step } from '../speech.ts';

export type Expected = { readonly name: string; readonly multiLine: boolean };

export type ClientFramer = Commands & {
  /** What the platform's next answer is to; undefined when nobody asked. */
  expected(): Expected | undefined;
  /** The platform's answer has come to its end. */
  answered(): void;
  /** A QUIT of ours would commit nothing: nothing is under way, no message was read or marked (RFC 2449 section 6.7: with
   * EXPIRE 0 a platform deletes what was read), and no QUIT was sent. */
  mayQuit(): boolean;
  /** QUIT is under way: the platform may be deleting. */
  quitting(): boolean;
};

/** Commands without their answer. A client that pipelines asks for a screenful; what is beyond waits in its socket. */
export const OUTSTANDING_LIMIT = 100;

/** What may pass: their answers' forms are known. */
const CARRIED = new Set(['STAT', 'LIST', 'UIDL', 'RETR', 'TOP', 'DELE', 'NOOP', 'RSET', 'QUIT', 'CAPA', 'LAST', 'LANG']);

const CRLF = Buffer.from('\r\n');

/** @param queue what the client sent; may hold bytes already (those pipelined behind the sign-in) */
export function createClientFramer({ queue, pipelining }: { queue: ByteQueue; pipelining: boolean }): ClientFramer {
  const most = pipelining ? OUTSTANDING_LIMIT : 1;
  const outstanding: Expected[] = [];
  let held: Buffer | undefined; // a line whose turn has not come
  let frozen = false;
  let hungry = false;
  let fetched = false; // RETR or DELE was passed on
  let read = false; // that, or TOP
  let quit = false;

  function forward(line: Buffer, command: Command): Step {
    const { name } = command;
    outstanding.push({ name, multiLine: isMultiLine(command) });
    fetched ||= name === 'RETR' || name === 'DELE';
    read ||= fetched || name === 'TOP';
    quit ||= name === 'QUIT';
    return { kind: 'forward', bytes: Buffer.concat([line, CRLF]) };
  }

  return {
    next() {
      hungry = false;
      if (quit || (frozen && !fetched)) return undefined;
      const line = held ?? queue.line(COMMAND_LIMIT);
      held = undefined;
      if (line === undefined) {
        hungry = true;
        return undefined;
      }
      const command = parseCommand(line);
      const carried = command !== undefined && CARRIED.has(command.name);
      if (outstanding.length >= (carried ? most : 1)) {
        held = line;
        return undefined;
      }
      return carried ? forward(line, command) : { kind: 'answer', line: '-ERR That is no command here.' };
    },
    expected() {
      return outstanding[0];
    },
    answered() {
      outstanding.shift();
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    /** Nor was a message fetched or marked. */
    quiet() {
      return frozen && !fetched && !quit && outstanding.length === 0;
    },
    mayQuit() {
      return !read && !quit && outstanding.length === 0;
    },
    quitting() {
      return quit && outstanding.length > 0;
    },
    hungry() {
      return hungry;
    },
  };
}
