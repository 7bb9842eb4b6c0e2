/**
 * Follows what a platform sends to a signed-in client: where lines end, which commands are over.
 *
 * Invariants: untagged data and literals pass as they are, as views of the chunks, whatever their length. Other lines
 * (tagged, continuation, status, CAPABILITY) are kept until they are whole, since they may be rewritten or dropped.
 * The human text of a status may end in what looks like a literal's mark; it is none.
 * Pure: no sockets, no time.
 */
import { CausewayError } from '#errors/index.ts';
import type { Answers } from '../speech.ts';
import { rewriteCapabilities } from './capability.ts';

/** Called while a chunk is fed, in the order of the lines. They must not write to the client. */
export type ServerHandlers = {
  /** The server sent `+`. Returns whether the client is to see it. */
  continued(): boolean;
  /** The server ended a command. */
  tagged(tag: string): void;
  bye(): void;
};

/** `feed` throws CausewayError 'limit', or what a handler throws. */
export type ServerFramer = Answers;

/** A tagged answer with a COPYUID of scattered UIDs is the longest that is kept: 8 bytes each for 100,000 messages. */
const KEPT_LIMIT = 1024 * 1024;

/** `* CAPABILITY` is the longest beginning that has to be told apart from untagged data. */
const HEAD = 13;
/** A literal's mark: 19 digits, braces, CRLF. */
const TAIL = 24;

const LF = 10;
const NOTHING = Buffer.alloc(0);
const KEPT = /^\* (?:OK|NO|BAD|BYE|PREAUTH|CAPABILITY)(?:[ \r\n]|$)/i;
const TAGGED = /^([^ ]+) (?:OK|NO|BAD)(?:[ \r\n]|$)/i;
const WORD = /^\* [^ \r\n]+[ \r\n]/;
const MARK = /\{(\d{1,19})\}\r?\n$/;

export function createServerFramer(on: ServerHandlers): ServerFramer {
  let state: 'start' | 'data' | 'literal' = 'start';
  let left = 0; // of the literal
  let kept: Buffer = NOTHING; // the beginning of a line that has not ended, or not been judged
  let tail = ''; // the end of what was passed of a line of data

  /** Takes the end of a line of data. */
  function endData(): void {
    const digits = MARK.exec(tail)?.[1];
    tail = '';
    state = 'start';
    if (digits === undefined) return;
    left = Number(digits);
    if (!Number.isSafeInteger(left)) throw new CausewayError('limit', 'a literal of more bytes than can be counted');
    state = left === 0 ? 'data' : 'literal';
  }

  /** Judges a whole line: what of it goes on. */
  function judge(line: Buffer): Buffer | undefined {
    const text = line.toString('latin1').replace(LEADING_NULS, '');
    if (text.startsWith('+')) return on.continued() ? line : undefined;
    const tag = TAGGED.exec(text)?.[1];
    if (/^\* BYE/i.test(text)) on.bye();
    else if (tag !== undefined && tag !== '*') on.tagged(tag);
    const end = text.endsWith('\r\n') ? -2 : -1;
    const rewritten = rewriteCapabilities(text.slice(0, end));
    return rewritten === undefined ? line : Buffer.from(rewritten + text.slice(end), 'latin1');
  }

  return {
    feed(chunk) {
      const out: Buffer[] = [];
      let from = 0; // of what is to be passed on
      let at = 0;
      const flush = (to: number, next: number): void => {
        if (to > from) out.push(chunk.subarray(from, to));
        from = next;
      };
      while (at < chunk.length) {
        if (state === 'literal') {
          const step = Math.min(left, chunk.length - at);
          left -= step;
          at += step;
          if (left === 0) state = 'data';
          continue;
        }
        const lf = chunk.indexOf(LF, at);
        const end = lf < 0 ? chunk.length : lf + 1;
        if (state === 'start') {
          const line = kept.length === 0 ? chunk.subarray(at, end) : Buffer.concat([kept, chunk.subarray(at, end)]);
          if (isData(line)) {
            if (kept.length > 0) out.push(kept);
            kept = NOTHING;
            state = 'data';
          } else if (lf < 0) {
            if (line.length > KEPT_LIMIT) throw new CausewayError('limit', `a line of more than ${KEPT_LIMIT} bytes`);
            flush(at, end);
            kept = kept.length === 0 ? Buffer.from(line) : line;
            at = end;
            continue;
          } else {
            const judged = judge(line);
            if (judged !== line || kept.length > 0) {
              flush(at, end);
              if (judged !== undefined) out.push(judged);
              kept = NOTHING;
            }
            at = end;
            continue;
          }
        }
        tail = (tail + chunk.toString('latin1', Math.max(at, end - TAIL), end)).slice(-TAIL);
        at = end;
        if (lf >= 0) endData();
      }
      flush(chunk.length, chunk.length);
      return out;
    },
    atBoundary() {
      return state === 'start' && kept.length === 0;
    },
  };
}

/** Some servers send NUL bytes before a reply (seen by imapflow). */
// eslint-disable-next-line no-control-regex -- NUL is what is looked for
const LEADING_NULS = /^\u0000+/;

/** Whether a line, or the beginning of one, is untagged data. Undecided beginnings are kept, so they count as none. */
function isData(line: Buffer): boolean {
  let start = 0;
  while (line[start] === 0) start += 1;
  if (line[start] !== 0x2a) return false;
  const head = line.toString('latin1', start, start + HEAD + 1);
  if (KEPT.test(head)) return false;
  return head.length > HEAD || WORD.test(head);
}
