/**
 * Follows what a signed-in submission client sends: whole commands, messages, and what is not answered yet.
 *
 * Invariants: only whole commands that are known are passed on, one at a time where the platform does not announce
 * PIPELINING (RFC 2920). Behind DATA nothing goes before its answer; behind a 354 only the message, to an end that is the
 * same for every reader (see `message-end.ts`). An answer of our own comes only when all commands before it have been
 * answered, since SMTP has no tags. After QUIT nothing follows. Frozen, no command begins; a message that has begun is
 * finished, since the platform may take it.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import type { ByteQueue } from '#wire/byte-queue.ts';
import { COMMAND_LIMIT, parseCommand } from '#wire/smtp/command.ts';
import { createMessageEnd, type MessageEnd } from '#wire/smtp/message-end.ts';
import type { Commands, Step } from '../speech.ts';

/** What was passed on and is not answered yet: a command, by its verb, or a message. */
export type Expected = { readonly to: string };

export type ClientFramer = Commands & {
  /** What the platform's next reply is to; undefined when nobody asked. */
  expected(): Expected | undefined;
  /** The platform's reply has come to its end. */
  answered(code: number): void;
  /** From DATA to the answer to its message: the platform may be taking it. */
  readonly inMessage: boolean;
  /** The message is being passed on, and has not ended. */
  readonly sending: boolean;
  /** Nothing begins any more; a message that has begun is finished. Unlike a freeze this has no end. */
  stop(): void;
  /** A QUIT of ours may be sent: nothing is under way. */
  mayQuit(): boolean;
};

/** Commands without their answer. A client that pipelines sends a message's hundred recipients at once. */
export const OUTSTANDING_LIMIT = 100;

const MESSAGE = 'message';

/** What may pass: what their answers look like, and what follows them, is known. */
const CARRIED = new Set(['EHLO', 'HELO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'VRFY', 'EXPN', 'HELP', 'QUIT']);

const CRLF = Buffer.from('\r\n');

/** @param queue what the client sent; may hold bytes already (those pipelined behind the sign-in) */
export function createClientFramer({ queue, pipelining }: { queue: ByteQueue; pipelining: boolean }): ClientFramer {
  const most = pipelining ? OUTSTANDING_LIMIT : 1;
  const outstanding: Expected[] = [];
  let held: Buffer | undefined; // a line whose turn has not come
  let frozen = false;
  let stopped = false;
  let hungry = false;
  let quit = false;
  let state: 'commands' | 'data' | 'message' | 'sent' = 'commands'; // `data`: DATA is not answered; `sent`: nor is the message
  let end: MessageEnd = createMessageEnd();

  function message(): Step | undefined {
    for (;;) {
      const chunk = queue.peek();
      if (chunk === undefined) {
        hungry = true;
        return undefined;
      }
      const { pass, taken, ended } = end.feed(chunk);
      if (taken > 0) queue.bytes(taken);
      if (ended) {
        state = 'sent';
        outstanding.push({ to: MESSAGE });
      }
      if (pass.length > 0) return { kind: 'forward', bytes: pass.length === 1 ? pass[0]! : Buffer.concat(pass) };
    }
  }

  function refusal(verb: string | undefined): string {
    // Its bytes come behind it unasked (RFC 3030): none of them may be read as commands.
    if (verb === 'BDAT') throw new CausewayError('protocol', 'BDAT is not offered here');
    if (verb === 'XCLIENT' || verb === 'XFORWARD') return '550 5.7.0 Only the gateway says where a client comes from.';
    if (verb === 'AUTH' || verb === 'STARTTLS') return '503 5.5.1 You are signed in already.';
    return '500 5.5.1 That is no command here.';
  }

  return {
    next() {
      hungry = false;
      if (state === 'message') return message();
      if (quit || frozen || stopped || state === 'data') return undefined;
      const line = held ?? queue.line(COMMAND_LIMIT);
      held = undefined;
      if (line === undefined) {
        hungry = true;
        return undefined;
      }
      const verb = parseCommand(line)?.verb;
      const carried = verb !== undefined && CARRIED.has(verb);
      if (outstanding.length >= (carried ? most : 1) || (verb === 'DATA' && state === 'sent')) {
        held = line;
        return undefined;
      }
      if (!carried) return { kind: 'answer', line: refusal(verb) };
      outstanding.push({ to: verb });
      if (verb === 'DATA') state = 'data';
      quit = verb === 'QUIT';
      return { kind: 'forward', bytes: Buffer.concat([line, CRLF]) };
    },
    expected() {
      return outstanding[0];
    },
    answered(code) {
      const answered = outstanding.shift()?.to;
      if (answered === 'DATA') {
        state = code === 354 ? 'message' : 'commands';
        end = createMessageEnd();
      } else if (answered === MESSAGE) {
        state = 'commands';
      }
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
    },
    stop() {
      stopped = true;
    },
    quiet() {
      return frozen && outstanding.length === 0 && state === 'commands';
    },
    get inMessage() {
      return state !== 'commands';
    },
    get sending() {
      return state === 'message';
    },
    mayQuit() {
      return !quit && outstanding.length === 0 && state === 'commands';
    },
    hungry() {
      return hungry;
    },
  };
}
