/**
 * A message as POP3 sends it: its bytes with dots doubled, to the end or, for TOP, to a line of its body.
 *
 * Invariant: bytes are sent as they are stored, also where their lines end in a bare LF.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { createStuffer } from '#wire/smtp/dot-stuffing.ts';
import type { Output } from '../imap/output.ts';

const CHUNK = 64 * 1024;
const LF = 10;

/** @param bodyLines how many lines of the body are wanted; undefined for the whole message */
export async function sendMessage(out: Output, file: string, bodyLines: number | undefined): Promise<void> {
  // Opened before the first byte goes out: what fails then fails the command, not the stream.
  const handle = openSync(file, 'r');
  try {
    out.line('+OK Here it is.');
    const stuffer = createStuffer();
    const head = bodyLines === undefined ? undefined : createHead(bodyLines);
    for (let position = 0; ; ) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const length = readSync(handle, buffer, 0, CHUNK, position);
      if (length === 0) break;
      position += length;
      const chunk = buffer.subarray(0, length);
      const end = head?.(chunk) ?? length;
      out.part(stuffer.push(chunk.subarray(0, end)));
      if (end < length) break;
      await out.flush();
    }
    out.part(stuffer.end());
    out.line('.');
  } catch (error) {
    // After the first byte nothing that follows could be understood.
    out.destroy();
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** Gives for each chunk how much of it belongs to the header, the empty line and `left` lines of the body. */
function createHead(bodyLines: number): (chunk: Buffer) => number {
  let left = bodyLines;
  let inHeader = true;
  let empty = true; // the line so far, but for a CR
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (!inHeader && left === 0) return at;
      const lf = chunk.indexOf(LF, at);
      const line = chunk.subarray(at, lf < 0 ? chunk.length : lf);
      empty &&= line.length === 0 || (line.length === 1 && line[0] === 13);
      if (lf < 0) return chunk.length;
      if (!inHeader) left -= 1;
      else if (empty) inHeader = false;
      empty = true;
      at = lf + 1;
    }
    return chunk.length;
  };
}
