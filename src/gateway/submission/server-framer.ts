/**
 * Follows what a platform sends to a signed-in submission client: replies, and to what they are.
 *
 * Invariants: a line is passed on once it is whole. Of the answer to EHLO the keywords that we do not carry are taken
 * out. A reply that nobody asked for, unless it is a goodbye, and a line that is none end the session: client and
 * platform would no longer mean the same. A positive reply to a message that is still being sent is none.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import { createByteQueue } from '#wire/byte-queue.ts';
import type { Answers } from '../speech.ts';
import { isCarried } from './capability.ts';
import type { ClientFramer } from './client-framer.ts';

/** RFC 5321 section 4.5.3.1.5 has 512; this is for servers that explain at length. */
const LINE_LIMIT = 4_096;
/** Of one reply; EHLO's has a dozen, HELP's a screenful. */
const LINES_LIMIT = 200;

const REPLY = /^([2-5]\d\d)(?:([ -])(.*))?$/s;
const CRLF = '\r\n';

export function createServerFramer(commands: Pick<ClientFramer, 'expected' | 'answered' | 'sending'>): Answers {
  const unfinished = createByteQueue();
  let keeping = false; // an unfinished line
  let code: string | undefined; // of an unfinished reply
  let lines: string[] = []; // of it, without their codes

  /** What goes to the client of a reply's line. */
  function take(line: string): string {
    const [, lineCode, separator = ' ', text = ''] = REPLY.exec(line) ?? [];
    if (lineCode === undefined || (code !== undefined && code !== lineCode)) throw new CausewayError('protocol', 'expected a reply of three digits and a text');
    code = lineCode;
    lines.push(text);
    if (lines.length > LINES_LIMIT) throw new CausewayError('limit', `a reply of more than ${LINES_LIMIT} lines`);
    const isHello = commands.expected()?.to === 'EHLO' && code === '250';
    if (separator === '-') return isHello ? '' : line + CRLF;
    const passed = isHello ? hello(lines) : line + CRLF;
    const number = Number(code);
    code = undefined;
    lines = [];
    finished(number);
    return passed;
  }

  function finished(number: number): void {
    if (commands.expected() !== undefined) return commands.answered(number);
    // It says why it is about to close (RFC 5321 section 3.8), or why it will take no more of the message.
    if (number === 421 || (commands.sending && number >= 400)) return;
    throw new CausewayError('protocol', 'a reply that nobody asked for');
  }

  return {
    feed(chunk) {
      unfinished.push(chunk);
      keeping = chunk.at(-1) !== 10;
      let out = '';
      for (let line = unfinished.line(LINE_LIMIT); line !== undefined; line = unfinished.line(LINE_LIMIT)) out += take(line.toString('latin1'));
      return out === '' ? [] : [Buffer.from(out, 'latin1')];
    },
    atBoundary() {
      return !keeping && code === undefined;
    },
  };
}

/** The first line is the platform's greeting, the others are keywords. */
function hello([greeting = '', ...keywords]: readonly string[]): string {
  const carried = [greeting, ...keywords.filter(isCarried)];
  return carried.map((text, at) => `250${at === carried.length - 1 ? ' ' : '-'}${text}${CRLF}`).join('');
}
