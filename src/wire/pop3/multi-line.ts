/**
 * The lines behind a multi-line `+OK` (RFC 1939 section 3): they end with a line that is a dot alone. Their dots are
 * doubled exactly as in SMTP, see `../smtp/dot-stuffing.ts`; here only the end is looked for, so that bytes can pass
 * as they are.
 *
 * Invariant: only CRLF ends a line, so a message with bare LFs in it cannot end an answer early. How the bytes are cut
 * into chunks makes no difference.
 */

export type MultiLineEnd = {
  /** The offset in `chunk` behind the end of the answer, or -1 when it is not in it. Not to be called after that. */
  find(chunk: Buffer, from?: number): number;
};

const END = Buffer.from('\r\n.\r\n');

export function createMultiLineEnd(): MultiLineEnd {
  // How many bytes of END the bytes so far end in. The first line follows the CRLF of the `+OK`.
  let matched = 2;

  function step(byte: number | undefined): void {
    if (byte === END[matched]) matched += 1;
    // Of END only its CR can begin it anew, and after CRLF.CR that CR is a beginning too.
    else matched = byte === END[0] ? 1 : 0;
  }

  return {
    find(chunk, from = 0) {
      let at = from;
      while (at < chunk.length) {
        if (matched === 0) {
          const cr = chunk.indexOf(END, at);
          if (cr >= 0) return cr + END.length;
          // Not whole in here: what may be its beginning is in the last bytes.
          at = Math.max(at, chunk.length - END.length + 1);
          for (; at < chunk.length; at += 1) step(chunk[at]);
          return -1;
        }
        step(chunk[at]);
        at += 1;
        if (matched === END.length) return at;
      }
      return -1;
    },
  };
}
