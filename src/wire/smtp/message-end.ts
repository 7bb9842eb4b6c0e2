/**
 * Finds where a message after DATA ends: at a line of one dot (RFC 5321 section 4.1.1.4).
 *
 * Invariants: only CRLF, dot, CRLF ends a message. A lone dot between any other line ends is refused before its line
 * end is passed on: some servers take it for the end, and what follows for commands (SMTP smuggling, CVE-2023-51764 and
 * its kin), which nobody would have looked at. Bytes pass as they are, as views; at most two are held back.
 */
import { CausewayError } from '#errors/index.ts';

export type MessageEnd = {
  /**
   * What of `chunk`, and of what was held back before, may be passed on, and how many bytes of `chunk` belong to the
   * message. `ended`: the rest of `chunk` does not. Not to be called after that.
   * @throws CausewayError 'protocol'
   */
  feed(chunk: Buffer): { readonly pass: readonly Buffer[]; readonly taken: number; readonly ended: boolean };
};

const CR = 13;
const LF = 10;
const DOT = 0x2e;

const isLineEnd = (byte: number | undefined): boolean => byte === CR || byte === LF;

export function createMessageEnd(): MessageEnd {
  // What the message so far ends in, without what is held back. It begins as after a line end.
  let before: readonly [number, number] = [CR, LF];
  let held = Buffer.alloc(0); // a dot, or a dot and CR

  function refuse(): never {
    throw new CausewayError('protocol', 'a line of one dot that does not begin and end with CRLF');
  }

  return {
    feed(chunk) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = (index: number): number | undefined => (index < 0 ? before[index + 2] : bytes[index]);
      let pass = bytes.length;
      let ended = false;
      for (let dot = bytes.indexOf(DOT); dot >= 0; dot = bytes.indexOf(DOT, dot + 1)) {
        if (!isLineEnd(at(dot - 1))) continue;
        const next = at(dot + 1);
        if (next !== undefined && !isLineEnd(next)) continue;
        if (next === LF || (next === CR && !(at(dot - 1) === LF && at(dot - 2) === CR))) refuse();
        if (next === undefined || at(dot + 2) === undefined) {
          pass = dot;
          break;
        }
        if (at(dot + 2) !== LF) refuse();
        pass = dot + 3;
        ended = true;
        break;
      }
      const taken = ended ? pass - held.length : chunk.length;
      if (pass > 0) before = [at(pass - 2)!, at(pass - 1)!];
      held = ended ? held : Buffer.from(bytes.subarray(pass));
      return { pass: pass === 0 ? [] : [bytes.subarray(0, pass)], taken, ended };
    },
  };
}
