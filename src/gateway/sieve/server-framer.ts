/**
 * Follows what a platform sends to a signed-in ManageSieve client: lines of data, and the status that ends an answer.
 *
 * Invariants: literals pass as they are, as views of the chunks, whatever their length; lines are kept until they are
 * whole. Of the answer to CAPABILITY the lines that we do not carry are taken out. An answer that nobody asked for, a line
 * that is none, and a referral (RFC 5804 section 1.3), which leads around the gateway, end the session.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import { createByteQueue } from '#wire/byte-queue.ts';
import { endsQuoted } from '../literal-mark.ts';
import type { Answers } from '../speech.ts';
import { isCarried } from './capability.ts';
import type { ClientFramer } from './client-framer.ts';

export type ServerFramer = Answers & {
  /** BYE was said. */
  readonly saidBye: boolean;
};

/** The text of one line. Dovecot puts long texts into literals; its longest line names its extensions, in 500 bytes. */
const LINE_LIMIT = 64 * 1024;

const LF = 10;
const CRLF = Buffer.from('\r\n');
const STATUS = /^(OK|NO|BYE)(?= |$)(?: +\(([A-Z0-9/-]*))?/i;
/** A capability's line; what is no string in quotes cannot be told apart from what we do not carry. */
const NAME = /^"([^"\\]*)"/;
const MARK = /\{(\d{1,19})\+?\}$/;

export function createServerFramer(commands: Pick<ClientFramer, 'expected' | 'answered'>): ServerFramer {
  const unfinished = createByteQueue();
  let keeping = false; // the beginning of a line
  let left = 0; // of a literal
  let line: { readonly kind: 'status' | 'data'; readonly carried: boolean } | undefined; // that goes on behind a literal
  let saidBye = false;

  function begin(text: string): NonNullable<typeof line> {
    const expected = commands.expected();
    const [, status, code] = STATUS.exec(text) ?? [];
    if (code?.toUpperCase() === 'REFERRAL') throw new CausewayError('protocol', 'a referral after signing in');
    saidBye ||= status?.toUpperCase() === 'BYE';
    if (expected === undefined && !saidBye) throw new CausewayError('protocol', 'an answer that nobody asked for');
    if (status !== undefined) return { kind: 'status', carried: true };
    if (!/^["{]/.test(text)) throw new CausewayError('protocol', 'expected OK, NO, BYE or a string');
    if (expected !== 'CAPABILITY') return { kind: 'data', carried: true };
    const name = NAME.exec(text)?.[1];
    if (name === undefined) throw new CausewayError('protocol', 'expected the name of a capability');
    return { kind: 'data', carried: isCarried(name) };
  }

  /** @returns whether the client gets the line */
  function judge(bytes: Buffer): boolean {
    const text = bytes.toString('latin1');
    const current = line ?? begin(text);
    if (endsQuoted(bytes, bytes.length)) throw new CausewayError('protocol', 'a string does not end');
    const digits = MARK.exec(text)?.[1];
    line = digits === undefined ? undefined : current;
    if (digits !== undefined) {
      left = Number(digits);
      if (!Number.isSafeInteger(left)) throw new CausewayError('limit', 'a literal of more bytes than can be counted');
    } else if (current.kind === 'status') {
      commands.answered();
    }
    return current.carried;
  }

  return {
    feed(chunk) {
      const out: Buffer[] = [];
      for (let at = 0; at < chunk.length; ) {
        if (left > 0) {
          const bytes = chunk.subarray(at, at + left);
          at += bytes.length;
          left -= bytes.length;
          if (line?.carried !== false) out.push(bytes);
          continue;
        }
        const lf = chunk.indexOf(LF, at);
        const next = lf < 0 ? chunk.length : lf + 1;
        unfinished.push(chunk.subarray(at, next));
        at = next;
        const whole = unfinished.line(LINE_LIMIT);
        keeping = whole === undefined;
        if (whole !== undefined && judge(whole)) out.push(whole, CRLF);
      }
      return out;
    },
    atBoundary() {
      return !keeping && left === 0 && line === undefined;
    },
    get saidBye() {
      return saidBye;
    },
  };
}
