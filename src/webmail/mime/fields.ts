/**
 * The header fields of a message or part, held as one character a byte.
 *
 * Invariants: any bytes give fields; an mbox `From ` line and lines without a colon are passed over; bare LF ends lines,
 * too. At most FIELD_LIMIT of them.
 */
export type Field = {
  readonly name: string;
  /** From behind the colon to before the line end, folds included: the Raw form of RFC 8621 section 4.1.2.1. */
  readonly raw: string;
};

/** Real messages have up to 200, those that went in circles some more. */
const FIELD_LIMIT = 2_000;

/** Where the body begins, after the first empty line, or `end` when there is none. */
export function bodyStart(text: string, start: number, end: number): number {
  if (text.startsWith('\r\n', start)) return Math.min(end, start + 2);
  if (text[start] === '\n') return Math.min(end, start + 1);
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
    if (text[at + 1] === '\n') return Math.min(end, at + 2);
    if (text[at + 1] === '\r' && text[at + 2] === '\n') return Math.min(end, at + 3);
  }
  return end;
}

export function parseFields(text: string): Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < text.length && fields.length < FIELD_LIMIT) {
    let next = at;
    do {
      const line = text.indexOf('\n', next);
      next = line < 0 ? text.length : line + 1;
    } while (next < text.length && (text[next] === ' ' || text[next] === '\t'));
    const colon = text.indexOf(':', at);
    if (colon > at && colon < next) {
      const name = text.slice(at, colon).trimEnd();
      if (/^[!-9;-~]{1,200}$/.test(name)) fields.push({ name, raw: text.slice(colon + 1, next).replace(/\r?\n$/, '') });
    }
    at = next;
  }
  return fields;
}

/** The last of the name, as RFC 8621 section 4.1.3 wants it; undefined when there is none. */
export function lastOf(fields: readonly Field[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return fields.findLast((field) => field.name.toLowerCase() === wanted)?.raw;
}

export function unfold(raw: string): string {
  return raw.replaceAll(/\r?\n(?=[ \t])/g, '').replaceAll(/[\r\n]+/g, ' ').trim();
}

/** `text/plain; charset="utf-8"`: the value in lower case without comments, and its parameters, names in lower case. */
export function parseParameters(raw: string): { value: string; parameters: [string, string][] } {
  const text = unfold(raw);
  const semicolon = text.indexOf(';');
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).replaceAll(/\([^()]*\)/g, '').trim().toLowerCase();
  const parameters: [string, string][] = [];
  if (semicolon < 0) return { value, parameters };
  for (const [, name, quoted, plain] of text.slice(semicolon).matchAll(/;\s*([^\s=;"]{1,200})\s*=\s*(?:"((?:[^"\\]|\\.){0,20000})"?|([^;\s]*))/g)) {
    // 1,000: continuations of a name as long as a line may be, and then some.
    if (parameters.length < 1_000) parameters.push([(name as string).toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '']);
  }
  return { value, parameters };
}
