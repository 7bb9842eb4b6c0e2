/**
 * Replies of an SMTP or LMTP server (RFC 5321 section 4.2), cut out of a stream of bytes.
 *
 * Invariants: holds at most one unfinished reply, no longer than the limit. After an error every read throws it again.
 */
import { CausewayError } from '#errors/index.ts';
import { createByteQueue } from '../byte-queue.ts';

/** `lines`: the text of each line after its code, as sent. `enhanced`: the first line's status code (RFC 3463). */
export type Reply = { code: number; enhanced?: string; lines: string[] };

export type ReplyReader = {
  push(chunk: Buffer): void;
  /** The next whole reply; undefined when more bytes are needed. Throws CausewayError 'protocol' or 'limit'. */
  read(): Reply | undefined;
  /** Takes out what was not read. */
  rest(): Buffer;
};

/** A reply line has at most 512 octets (RFC 5321 section 4.5.3.1.5); this is over a hundred of them, far beyond any EHLO. */
export const REPLY_LIMIT = 64 * 1024;

const LINE = /^([2-5]\d\d)(?:([ -])(.*))?$/s;
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;

/** An empty line counts as this much, so that a reply of nothing but line ends has an end too. */
const LINE_COST = 4;

/** @param limit bytes of one reply, all its lines together. */
export function createReplyReader(limit: number = REPLY_LIMIT): ReplyReader {
  const queue = createByteQueue();
  let code: string | undefined;
  let lines: string[] = [];
  let left = limit;
  let failure: unknown;

  function readReply(): Reply | undefined {
    for (;;) {
      const bytes = queue.line(left);
      if (bytes === undefined) return undefined;
      left -= Math.max(bytes.length, LINE_COST);
      const [, lineCode, separator, text = ''] = LINE.exec(bytes.toString()) ?? [];
      if (lineCode === undefined) throw new CausewayError('protocol', 'expected a reply of three digits and a text');
      code ??= lineCode;
      if (code !== lineCode) throw new CausewayError('protocol', 'the lines of a reply have different codes');
      lines.push(text);
      if (separator === '-') continue;
      const enhanced = ENHANCED.exec(lines[0] ?? '')?.[1];
      const reply = { code: Number(code), lines, ...(enhanced === undefined ? {} : { enhanced }) };
      code = undefined;
      lines = [];
      left = limit;
      return reply;
    }
  }

  return {
    push: queue.push,
    rest: queue.rest,
    read() {
      if (failure !== undefined) throw failure;
      try {
        return readReply();
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  };
}
