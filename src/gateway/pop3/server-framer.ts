/**
 * Follows what a platform sends to a signed-in POP3 client: where answers end.
 *
 * Invariants: messages and lists pass as they are, as views of the chunks, whatever their length. The first line of an
 * answer is kept until it is whole. Of the answer to CAPA the lines that we do not carry are taken out. The answers to UIDL
 * have the ids that the account's clients know, line by line, where those are not the platform's own: an id that cannot be
 * read is not passed on. A `+OK` that nobody asked for, and a line that is no answer, end the session: client and platform would no longer mean the same.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import { createByteQueue } from '#wire/byte-queue.ts';
import { createMultiLineEnd, type MultiLineEnd } from '#wire/pop3/multi-line.ts';
import { parseStatus, STATUS_LIMIT } from '#wire/pop3/response.ts';
import { parseUidl, type Translate } from '#wire/pop3/uidls.ts';
import { isCarried } from './capability.ts';
import type { ClientFramer } from './client-framer.ts';
import type { Answers } from '../speech.ts';

/** `feed` throws CausewayError 'limit' or 'protocol'. */
export type ServerFramer = Answers;

const LF = 10;
const CRLF = Buffer.from('\r\n');

export function createServerFramer(commands: Pick<ClientFramer, 'expected' | 'answered'>, uidls?: Translate): ServerFramer {
  let state: 'status' | 'lines' | 'capabilities' | 'uidls' = 'status';
  let end: MultiLineEnd = createMultiLineEnd();
  const unfinished = createByteQueue(); // of a line that is kept until it is whole
  let keeping = false;

  /** A whole line, with its end whatever it was; undefined when it has not ended. */
  function line(chunk: Buffer, from: number): { line: Buffer | undefined; next: number } {
    const lf = chunk.indexOf(LF, from);
    const next = lf < 0 ? chunk.length : lf + 1;
    unfinished.push(chunk.subarray(from, next));
    const whole = unfinished.line(STATUS_LIMIT);
    keeping = whole === undefined;
    return { line: whole, next };
  }

  /** @param prefix what stands before number and id */
  function translated(text: string, prefix: string): Buffer {
    const { number, id } = parseUidl(text) ?? {};
    if (uidls === undefined || id === undefined) throw new CausewayError('protocol', 'expected a number and an id');
    return Buffer.from(`${prefix}${number} ${uidls(id)}`, 'latin1');
  }

  /** @returns what the client gets */
  function status(text: Buffer): Buffer {
    const expected = commands.expected();
    const ok = parseStatus(text)?.ok;
    if (ok === undefined) throw new CausewayError('protocol', 'expected +OK or -ERR');
    if (expected === undefined) {
      if (ok) throw new CausewayError('protocol', 'an answer that nobody asked for');
      return text; // the platform says why it is about to close
    }
    const translating = ok && uidls !== undefined && expected.name === 'UIDL';
    if (!ok || !expected.multiLine) {
      commands.answered();
      return translating ? translated(text.toString('latin1', '+OK'.length).trimStart(), '+OK ') : text;
    }
    state = translating ? 'uidls' : expected.name === 'CAPA' ? 'capabilities' : 'lines';
    end = createMultiLineEnd();
    return text;
  }

  return {
    feed(chunk) {
      const out: Buffer[] = [];
      for (let at = 0; at < chunk.length; ) {
        if (state === 'lines') {
          const over = end.find(chunk, at);
          out.push(chunk.subarray(at, over < 0 ? chunk.length : over));
          if (over < 0) break;
          at = over;
          state = 'status';
          commands.answered();
          continue;
        }
        const read = line(chunk, at);
        at = read.next;
        if (read.line === undefined) continue;
        const text = read.line.toString('latin1');
        if (state === 'status') {
          out.push(status(read.line), CRLF);
        } else if (text === '.') {
          state = 'status';
          commands.answered();
          out.push(read.line, CRLF);
        } else if (state === 'uidls') {
          out.push(translated(text, ''), CRLF);
        } else if (isCarried(text)) {
          out.push(read.line, CRLF);
        }
      }
      return out;
    },
    atBoundary() {
      return state === 'status' && !keeping;
    },
  };
}
