/**
 * Messages of an mbox file (RFC 4155; the quoting is mboxrd's, which reads mboxo as well).
 *
 * Invariants: each byte between two "From " lines is of one message; only the quoting, and the empty line that the format
 * adds before the next one, are taken away. At most one message and one chunk are in memory. A message that is too large is
 * skipped and told, not cut.
 */
export type Split = { readonly bytes: Uint8Array<ArrayBuffer>; readonly receivedAt: number | undefined } | { readonly tooLarge: true };

const LF = 10;
const CR = 13;
const FROM = [70, 114, 111, 109, 32]; // "From "
const QUOTE = 62; // ">"

/** A line that is longer is no "From " line; it goes on piece by piece. */
const LINE = 64 * 1024;

export async function* splitMbox(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Split> {
  let message: Message | undefined;
  let wasEmpty = true;
  for await (const { line, isWhole, begins } of linesOf(chunks)) {
    if (begins && wasEmpty && startsWith(line, FROM, 0)) {
      if (message !== undefined) yield* message.ended();
      message = createMessage(dateOf(line), maxBytes);
      wasEmpty = false;
      continue;
    }
    // What comes before the first "From " line is no message.
    message?.add(begins ? unquoted(line) : line);
    wasEmpty = begins && isWhole && (line.length === 1 || (line.length === 2 && line[0] === CR));
  }
  if (message !== undefined) yield* message.ended();
}

type Message = { add(line: Uint8Array): void; ended(): Generator<Split> };

function createMessage(receivedAt: number | undefined, maxBytes: number): Message {
  const lines: Uint8Array[] = [];
  let size = 0;
  return {
    add(line) {
      size += line.length;
      if (size > maxBytes) lines.length = 0;
      else lines.push(line);
    },
    *ended() {
      if (size > maxBytes) return yield { tooLarge: true };
      const last = lines.at(-1);
      // The empty line that the format wants before the next "From ".
      if (last !== undefined && lines.length > 1 && (last.length === 1 || (last.length === 2 && last[0] === CR)) && last.at(-1) === LF) lines.pop();
      if (lines.length > 0) yield { bytes: joined(lines), receivedAt };
    },
  };
}

type Line = { readonly line: Uint8Array; readonly isWhole: boolean; readonly begins: boolean };

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest: Uint8Array = new Uint8Array(0);
  let begins = true;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : joined([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, at)) {
      yield { line: bytes.subarray(at, end + 1), isWhole: true, begins };
      begins = true;
      at = end + 1;
    }
    rest = bytes.subarray(at);
    if (rest.length <= LINE) continue;
    yield { line: rest, isWhole: false, begins };
    begins = false;
    rest = new Uint8Array(0);
  }
  if (rest.length > 0) yield { line: rest, isWhole: false, begins };
}

/** `>From ` is `From `, `>>From ` is `>From `. */
function unquoted(line: Uint8Array): Uint8Array {
  if (line[0] !== QUOTE) return line;
  let quotes = 1;
  while (line[quotes] === QUOTE) quotes += 1;
  return startsWith(line, FROM, quotes) ? line.subarray(1) : line;
}

function startsWith(line: Uint8Array, start: readonly number[], at: number): boolean {
  return start.every((byte, n) => line[at + n] === byte);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const ASCTIME = /(?:mon|tue|wed|thu|fri|sat|sun)\s+([a-z]{3})\s+(\d{1,2})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s+(?:[a-z]+\s+)?(?:[+-]\d{4}\s+)?(\d{4})/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `From ana@example.com Thu Nov 26 16:28:47 2026`: in UTC, as RFC 4155 wants it. */
function dateOf(line: Uint8Array): number | undefined {
  const [, month = '', day, hour, minute, second = '0', year] = ASCTIME.exec(new TextDecoder('latin1').decode(line.subarray(0, 500))) ?? [];
  const index = MONTHS.indexOf(month.toLowerCase());
  return index < 0 ? undefined : Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second));
}
