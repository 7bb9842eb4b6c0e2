/** A message's bytes for FETCH and SEARCH, read when first asked for, as latin1 so that positions are byte positions. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { bodyStart, type Field, parseFields } from '../message/headers.ts';
import { parseMime, type Part } from '../message/mime.ts';

export type Content = {
  /** At least the header. */
  head(): string;
  fields(): readonly Field[];
  text(): string;
  mime(): Part;
};

/** Most headers end well before. */
const HEAD = 16 * 1024;

export function openContent(file: string): Content {
  let head: string | undefined;
  let text: string | undefined;
  let mime: Part | undefined;
  const content: Content = {
    head() {
      if (text !== undefined) return text;
      head ??= readHead(file);
      return head ?? content.text();
    },
    fields() {
      const start = content.head();
      return parseFields(start, 0, bodyStart(start, 0, start.length));
    },
    text() {
      text ??= readFileSync(file, 'latin1');
      return text;
    },
    mime() {
      mime ??= parseMime(content.text());
      return mime;
    },
  };
  return content;
}

/** The beginning of the file if the whole header is in it. */
function readHead(file: string): string | undefined {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(HEAD);
    const length = readSync(handle, buffer, 0, HEAD, 0);
    const text = buffer.toString('latin1', 0, length);
    return length < HEAD || bodyStart(text, 0, length) < length ? text : undefined;
  } finally {
    closeSync(handle);
  }
}
